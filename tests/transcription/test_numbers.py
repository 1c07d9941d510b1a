"""Spoken numbers and their digits."""

from __future__ import annotations

import pytest

from transcription.numbers import digit_form, find_numbers


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("我的手机号是幺三八零零幺三八零零零", "我的手机号是13800138000"),
        ("工号一零二三为您服务", "工号1023为您服务"),
        ("幺三八，零零幺三，八零零零", "13800138000"),
        ("二〇二四年", "2024年"),
        ("一千零二十三", "1023"),
        ("一万二千三百一十五", "12315"),
        ("两百五十块", "250块"),
        ("百分之五", "5%"),
        ("百分之百", "100%"),
        ("百分之十二点五", "12.5%"),
        ("稍等一下", "稍等一下"),
        ("我一个人", "我一个人"),
        ("三五天", "三五天"),
        ("请按1号键", "请按1号键"),
        ("my number is five five five one two three four", "my number is 5551234"),
        ("one oh two", "102"),
        ("double five three", "553"),
        ("agent id one zero two three", "agent id 1023"),
        ("one hundred and five dollars", "105 dollars"),
        ("twenty three", "23"),
        ("one moment please", "one moment please"),
        (
            "eight hundred five five five twelve thirty four",
            "eight hundred five five five twelve thirty four",
        ),
        ("five five five twelve thirty four", "5551234"),
        ("oh I see", "oh I see"),
        ("No one said that", "No one said that"),
        ("", ""),
    ],
)
def test_digit_form(said, digits):
    assert digit_form(said) == digits


def test_spans_quote_what_was_said():
    text = "号码幺三八零零幺三八零零零，对吧"
    (number,) = find_numbers(text)
    assert text[number.start : number.end] == number.said == "幺三八零零幺三八零零零"
    assert number.digits == "13800138000"


@pytest.mark.evaldata
def test_real_spoken_numbers(evaldata):
    """Numbers read by people: the digit form gives the digits a listener would write down."""
    table = (evaldata / "pii" / "zh_spoken_numbers" / "text.tsv").read_text(encoding="utf-8")
    runs = [found for line in table.splitlines() for found in find_numbers(line)]
    assert len([run for run in runs if len(run.digits) >= 8]) >= 25
