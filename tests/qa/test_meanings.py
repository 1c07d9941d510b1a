"""Every code that can be stored has words in both languages."""

import re
from pathlib import Path

import pytest

from qa.meanings import explain
from transcription import quality, refusals

ROOT = Path(__file__).parents[2]


FLAG = re.compile(r'flags(?:\.append\(|=\(|: list\[str\] = \[|\s*\+?=\s*\[)"([a-z_]+)"')
#: What the recogniser notes becomes a flag with `asr_` before it.
NOTE = re.compile(r'notes\.append\(f?"([a-z_]+?)_?(?:\{|")')


def stored_codes():
    """Codes read from the sources, so that a new flag without words fails here."""
    codes = {getattr(kind, "code", "") for kind in vars(refusals).values()}
    codes = {code for code in codes if code.startswith("audio.")} | set(quality._FLAGS)
    scales = [scale for scale in vars(quality).values() if isinstance(scale, quality._Scale)]
    codes |= {scale.reason for scale in scales} | {"doubled_mono", "one_dead_channel", "leakage"}
    for name in ("audio", "soundtrack", "opening", "channels", "pipeline", "languages"):
        text = (ROOT / "transcription" / f"{name}.py").read_text(encoding="utf-8")
        codes |= set(FLAG.findall(text))
    engine = (ROOT / "transcription" / "engines" / "faster_whisper.py").read_text(encoding="utf-8")
    codes |= {f"asr_{note}" for note in NOTE.findall(engine)}
    return sorted(codes)


@pytest.mark.parametrize("code", stored_codes())
def test_every_code_has_words(code):
    words = explain(code)
    assert re.search(r"[\u4e00-\u9fff]", words.zh)
    assert words.en != code
    assert "_" not in words.en


def test_there_are_codes_to_check():
    found = set(stored_codes())
    assert {"asr_cuda_to_cpu", "asr_batch_size"} <= found
    assert {"audio.empty", "audio.damaged", "truncated", "low_snr", "one_speaker"} <= found


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("low_snr 7.2 dB", "噪声太大（7.2 dB）", "noisy line (7.2 dB)"),
        ("truncated", "录音在中途被截断", "the recording breaks off"),
        (
            "language_fr",
            "所说的语言没有评分表（fr）",
            "there is no scorecard for the language spoken (fr)",
        ),
        (
            "dropped_loop",
            "删除了识别器误写的文字（loop）",
            "text the recogniser made up was taken out (loop)",
        ),
        (
            "asr_batch_size_8",
            "显存不足，识别改用较小的批量（8）",
            "the graphics memory was short: recognised in smaller batches (8)",
        ),
        (
            "asr_cuda_to_cpu",
            "显卡不可用，识别改用处理器",
            "the graphics card gave up: recognised on the processor",
        ),
        ("something_new 3", "something_new 3", "something_new 3"),
    ],
)
def test_words_carry_the_value_and_hide_nothing(code, zh, en):
    words = explain(code)
    assert (words.in_language("zh-CN"), words.in_language("en")) == (zh, en)
