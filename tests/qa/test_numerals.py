"""Spoken numbers: what becomes digits and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.numerals import EN_ONES, EN_TENS, chinese_number, english_number


@pytest.mark.parametrize(
    ("spoken", "digits"),
    [
        ("十", "10"),
        ("十五", "15"),
        ("二十四", "24"),
        ("一百零五", "105"),
        ("三百五", "350"),
        ("一千零二十三", "1023"),
        ("一万二千三百一十五", "12315"),
        ("两亿", "200000000"),
        ("一三八零零一三八零零零", "13800138000"),
        ("幺二三", "123"),
        ("零五", "05"),
        ("三五", None),
        ("一五一十", None),
        ("十百", None),
        ("万", None),
    ],
)
def test_chinese_numerals(spoken, digits):
    assert chinese_number(spoken) == digits


@pytest.mark.parametrize(
    ("spoken", "digits"),
    [
        ("two", "2"),
        ("twenty four", "24"),
        ("one hundred and five", "105"),
        ("two thousand thirty", "2030"),
        ("one zero two three", "1023"),
        ("one", None),
        ("hundred", None),
        ("twenty thirty", None),
        ("ten five", None),
    ],
)
def test_english_number_words(spoken, digits):
    assert english_number(spoken.split()) == digits


def _spell(number: int) -> str:
    """How a number below 10,000 is read in Mandarin."""
    spoken = ""
    for digit, unit in zip(str(number).zfill(4), ("千", "百", "十", ""), strict=True):
        if digit != "0":
            spoken += "零一二三四五六七八九"[int(digit)] + unit
        elif spoken and not spoken.endswith("零"):
            spoken += "零"
    return spoken.rstrip("零").removeprefix("一") if 10 <= number < 20 else spoken.rstrip("零")


@given(st.integers(10, 9999))
def test_a_chinese_numeral_reads_back(number):
    assert chinese_number(_spell(number)) == str(number)


@given(
    st.lists(st.sampled_from(sorted(EN_ONES) + sorted(EN_TENS) + ["hundred", "and"]), min_size=1)
)
def test_any_run_of_number_words_is_digits_or_left(words):
    result = english_number(words)
    assert result is None or result.isdigit()
