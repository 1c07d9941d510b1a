"""Sounds: which characters count as the same syllable."""

import pytest

from scoring.matching.pinyin import fold_syllable, is_syllable, syllables


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("公号", "工号"),
        ("克服", "客服"),
        ("你", "您"),
        ("四", "是"),
        ("平价", "评价"),
        ("烧等", "稍等"),
        ("请稳", "请问"),
        ("报歉", "抱歉"),
        ("兰京", "南京"),
        ("胡务", "服务"),
        ("身因", "生音"),
    ],
)
def test_confusions_of_recognisers_and_accents_fold_together(heard, meant):
    assert syllables(heard) == syllables(meant)


@pytest.mark.parametrize(("one", "other"), [("请", "你"), ("投诉", "退订"), ("行", "好")])
def test_different_sounds_stay_different(one, other):
    assert syllables(one) != syllables(other)


@pytest.mark.parametrize(
    ("syllable", "folded"),
    [("zhang", "zan"), ("nin", "li"), ("ning", "lin"), ("er", "e"), ("fu", "hu"), ("shi", "si")],
)
def test_syllables_fold(syllable, folded):
    assert fold_syllable(syllable) == folded


def test_everything_else_stays_in_place():
    text = "a1,好.☃\ud800"
    sounds = syllables(text)
    assert len(sounds) == len(text)
    assert is_syllable(sounds[3])
    assert sounds[:3] == "a1,"
