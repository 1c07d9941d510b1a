"""Text to phonemes, and what is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("jieba", reason="the samples dependency group is not installed")
pytest.importorskip("misaki", reason="the samples dependency group is not installed")

import numpy as np

from samples.english import english_phonemes, past, plural
from samples.mandarin import mandarin_phonemes, syllable_phonemes
from samples.script import ScriptError
from samples.speech import LOUDNESS_RMS, RATE_HZ, Speaker, levelled, phonemes_of, trimmed


@pytest.mark.parametrize(
    ("pinyin", "phonemes"),
    [
        ("ni3", "ni↓"),
        ("zhi1", "ꭧɨ→"),
        ("ri4", "ɻɨ↘"),
        ("ju2", "ʨy↗"),
        ("xue2", "ɕɥe↗"),
        ("quan1", "ʨʰɥɛ→n"),
        ("nv3", "ny↓"),
        ("yuan2", "ɥɛ↗n"),
        ("yong4", "jʊ↘ŋ"),
        ("wen4", "wə↘n"),
        ("er4", "ɚ↘"),
        ("liu4", "ljou↘"),
        ("dui4", "twei↘"),
        ("de5", "tɤ"),
    ],
)
def test_a_syllable_is_spelled_out(pinyin, phonemes):
    assert syllable_phonemes(pinyin) == phonemes


def test_every_pinyin_syllable_has_phonemes_that_the_voice_knows():
    from pypinyin import pinyin_dict

    known = set("pmftnlkxʨɕꭧʂɻʦsʰaeiouyɤəɛʊɚɨnŋjwɥ→↗↓↘")
    from pypinyin import Style, lazy_pinyin

    common = [chr(code) for code in range(0x4E00, 0x9FA5) if code in pinyin_dict.pinyin_dict]
    readings = {lazy_pinyin(c, style=Style.TONE3, neutral_tone_with_five=True)[0] for c in common}
    odd = {"ng", "n", "m", "hm", "hng", "ê", "lo", "yai", "ei", "cei", "o", "dia", "den"}
    for reading in readings:
        if reading[-1].isdigit() and reading[:-1] not in odd:
            assert set(syllable_phonemes(reading)) <= known, reading


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("你好", "ni↗"),  # third tone before third tone
        ("不对", "pu↗"),  # 不 before a fourth tone
        ("银行", "xa↗ŋ"),
        ("行了", "ɕi↗ŋ"),
        ("工号一零二三", "i→"),  # 一 keeps its tone when it is a digit
        ("您好，再见。", ", "),
    ],
)
def test_mandarin_reads_words_not_characters(text, part):
    assert part in mandarin_phonemes(text)


def test_english_words_inside_mandarin_are_read_in_english():
    assert "flˈIt" in mandarin_phonemes("我的 flight 改了")


@pytest.mark.parametrize(
    ("text", "british", "part"),
    [
        ("the office", False, "ði "),
        ("the bank", False, "ðə "),
        ("cards", False, "kˈɑɹdz"),
        ("routers", True, "z"),
        ("card's", False, "dz"),
    ],
)
def test_english_reads_words_in_context(text, british, part):
    assert part in english_phonemes(text, british=british)


@pytest.mark.parametrize(
    ("inflect", "stem", "ending"),
    [
        (past, "wˈAt", "ɪd"),
        (past, "stˈɑp", "t"),
        (past, "kˈɔl", "d"),
        (plural, "kˈɑɹd", "z"),
        (plural, "ʧˈɛk", "s"),
        (plural, "bˈɑks", "ɪz"),
    ],
)
def test_endings_fit_the_sound_before_them(inflect, stem, ending):
    assert inflect(stem) == stem + ending


@pytest.mark.parametrize(
    ("text", "voice", "names"),
    [
        ("我的号码是138", "zf_xiaobei", "138"),
        ("call 911", "af_heart", "911"),
        ("the zxqv and the qqzz", "af_heart", "zxqv"),
    ],
)
def test_what_cannot_be_spoken_is_named(text, voice, names):
    with pytest.raises(ScriptError) as caught:
        phonemes_of(text, voice)
    assert names in str(caught.value)
    assert caught.value.remedy


def test_all_unknown_words_are_reported_together():
    with pytest.raises(ScriptError, match=r"qqzz.*zxqv"):
        english_phonemes("zxqv or qqzz", british=True)


def test_silence_around_a_sound_is_cut_to_a_margin():
    sound = np.zeros(RATE_HZ, np.float32)
    sound[8_000:12_000] = 0.5
    assert len(trimmed(sound)) == 4_000 + 2 * (RATE_HZ * 30 // 1000) - 1
    assert not len(trimmed(np.zeros(100, np.float32)))


def test_speech_is_brought_to_one_level():
    rng = np.random.default_rng(1)
    loud = levelled(rng.normal(0, 0.3, RATE_HZ).astype(np.float32))
    quiet = levelled(rng.normal(0, 0.003, RATE_HZ).astype(np.float32))
    for sound in (loud, quiet):
        assert np.sqrt((sound**2).mean()) == pytest.approx(LOUDNESS_RMS, rel=0.05)


class Recorded(Speaker):
    """A speaker whose model answers with a tone as long as the phonemes."""

    calls: list[tuple[str, str, float]]

    def _synthesise(self, phonemes, voice, speed):
        self.calls.append((phonemes, voice, speed))
        return np.full(int(len(phonemes) * 1_000 / speed), 0.2, np.float32)


def test_a_sentence_is_spoken_once_and_then_remembered(tmp_path):
    speaker = Recorded(model=tmp_path, vocabulary=tmp_path, voices=tmp_path, cache=tmp_path / "c")
    speaker.calls = []
    first = speaker.say("您好。您好。再见。", voice="zf_xiaobei", speed=1.0)
    again = speaker.say("您好。您好。再见。", voice="zf_xiaobei", speed=1.0)
    assert len(speaker.calls) == 2
    assert np.array_equal(first, again)
    speaker.say("您好。", voice="zm_yunxi", speed=1.0)
    speaker.say("您好。", voice="zf_xiaobei", speed=0.8)
    assert len(speaker.calls) == 4
