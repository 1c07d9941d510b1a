"""Codes in words: what a flag, a quality reason or an audio error means, in Chinese and English.

Codes are what is stored and counted; people read this.
"""

from __future__ import annotations

from qa.evaluation import Bilingual

_TEXTS: dict[str, tuple[str, str]] = {
    # the recording
    "audio.empty": ("文件是空的，没有声音", "the file holds no sound"),
    "audio.not_audio": ("不是可识别的录音文件", "not a sound file of a known kind"),
    "audio.no_header": (
        "文件没有头信息，不知道编码和采样率",
        "the file has no header: codec and sampling rate are unknown",
    ),
    "audio.encrypted": ("录音被加密或受版权保护", "the recording is encrypted or protected"),
    "audio.too_short": ("录音太短，不含通话", "too short to hold a conversation"),
    "audio.damaged": ("文件已损坏，无法解码", "the file is damaged and cannot be decoded"),
    "audio.unreadable": ("文件无法打开", "the file cannot be opened"),
    "truncated": ("录音在中途被截断", "the recording breaks off"),
    "damaged": ("录音有损坏的片段", "parts of the recording are damaged"),
    "gaps_filled": ("录音有缺口，已补为静音", "gaps in the recording were filled with silence"),
    "dc_offset": ("录音有直流偏移，已去除", "a constant offset was removed"),
    "rescaled": ("录音电平异常，已调整", "the level was far out of range and was corrected"),
    "rate_conflict": ("文件头里的采样率自相矛盾", "the header contradicts itself about the rate"),
    "length_conflict": ("文件头里的长度与内容不符", "the header states another length"),
    "raw_assumed": ("没有文件头，编码按扩展名推定", "no header: codec taken from the file's name"),
    "rate_changed": ("采样率在中途改变", "the sampling rate changes on the way"),
    "channels_changed": ("声道数在中途改变", "the number of channels changes on the way"),
    "clock_jumped": ("录音的时间戳有跳变", "the clock of the recording jumps"),
    # the channels
    "doubled_mono": ("两个声道内容相同，按单声道处理", "both channels are the same; heard as mono"),
    "one_dead_channel": ("一个声道没有声音", "one channel is dead"),
    "no_live_channel": ("所有声道都没有声音", "no channel has any sound"),
    "dead_channel": ("有声道没有声音", "some channels are dead"),
    "extra_channels": ("声道多于两个，取其中两个", "more than two channels; two were used"),
    "leakage": ("对方的声音串入本声道", "one side leaks into the other's channel"),
    # the call
    "silent": ("整段录音没有声音", "the recording is silent"),
    "no_speech": ("没有听到有人说话", "nobody was heard speaking"),
    "too_little_speech": ("说话太少，不成对话", "too little was said"),
    "mostly_music": ("录音大部分是音乐", "the recording is mostly music"),
    "one_speaker": ("只听到一个人说话", "only one speaker was heard"),
    "language_uncertain": ("不能确定说的是什么语言", "the language is uncertain"),
    "unknown_language": ("不是系统支持的语言", "not a language this system knows"),
    "language": ("所说的语言没有评分表", "there is no scorecard for the language spoken"),
    "dropped": ("删除了识别器误写的文字", "text the recogniser made up was taken out"),
    # what a machine had to do differently; the words are the same
    "asr_batch_size": (
        "显存不足，识别改用较小的批量",
        "the graphics memory was short: recognised in smaller batches",
    ),
    "asr_cuda_to_cpu": (
        "显卡不可用，识别改用处理器",
        "the graphics card gave up: recognised on the processor",
    ),
    "diarizer_cuda_to_cpu": (
        "显卡不可用，说话人分离改用处理器",
        "the graphics card gave up: speakers were separated on the processor",
    ),
    "asr_language": (
        "识别模型不认识所给的语言，按听到的语言识别",
        "the model does not know the language given; it was heard as another",
    ),
    # the quality index
    "low_snr": ("噪声太大", "noisy line"),
    "clipped": ("声音过载失真", "overdriven sound"),
    "muffled": ("声音发闷，频带太窄", "muffled sound"),
    "uncertain_words": ("识别的文字把握不大", "the words are uncertain"),
    "untranscribed_speech": ("有部分说话没有转成文字", "part of the speech was not transcribed"),
    "uncertain_roles": ("不能确定谁是客服", "it is uncertain who the agent is"),
}

#: Codes that end in a value: `language_fr`, `dropped_loop`, `asr_batch_size_8`.
_FAMILIES = ("language", "dropped", "asr_batch_size", "asr_language")


def explain(code: str) -> Bilingual:
    """A code with its value, in words: `low_snr 7.2 dB` → 噪声太大（7.2 dB）.

    An unknown code is returned as it is, so that nothing is ever hidden.
    """
    name, _, value = code.partition(" ")
    words = _TEXTS.get(name)
    if words is None:
        family = next((known for known in _FAMILIES if name.startswith(f"{known}_")), "")
        words = _TEXTS.get(family)
        value = value or name[len(family) + 1 :]
    if words is None:
        return Bilingual(zh=code, en=code)
    if not value:
        return Bilingual(zh=words[0], en=words[1])
    return Bilingual(zh=f"{words[0]}（{value}）", en=f"{words[1]} ({value})")
