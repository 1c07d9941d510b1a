"""Recognised words become readable text, and every shown word stands in it."""

from __future__ import annotations

import pytest

from qa.transcript import Word
from transcription.corrections import Corrector
from transcription.wording import word


def spoken(*tokens, gaps=None):
    """Words of 200 ms with the given pauses (ms) before each."""
    gaps = gaps or [0] * len(tokens)
    clock, words = 0, []
    for token, gap in zip(tokens, gaps, strict=True):
        clock += gap
        words.append(Word(text=token, start_ms=clock, end_ms=clock + 200))
        clock += 200
    return words


@pytest.mark.parametrize(
    ("tokens", "language", "text"),
    [
        (["請問", "有什麼", "可以", "幫您"], "zh", "请问有什么可以帮您。"),
        (["您好,", "这里", "是", "客服"], "zh", "您好，这里是客服。"),
        (["你", "好", "嗎"], "zh", "你好吗？"),
        (["帮您", " check", "一下"], "zh", "帮您check一下。"),
        (["好", " 的 ", "谢谢!"], "zh", "好的谢谢！"),
        (["1", "2", "3", "1", "5"], "zh", "12315"),
        (["好的,"], "zh", "好的。"),
        (["好吗,"], "zh", "好吗？"),
        (["价格", "3.5", "元"], "zh", "价格3.5元。"),
        ([" Thank", " you", " for", " calling,", " Ann", "'s", " here."], "en", None),
        ([" five", " p", ".m", "."], "en", "five p.m."),
    ],
)
def test_text(tokens, language, text):
    worded = word(spoken(*tokens), language=language)
    assert worded.text == (text or "Thank you for calling, Ann's here.")
    assert worded.raw_text == "".join(tokens).strip()


def test_a_pause_is_a_comma():
    worded = word(spoken("您好", "请讲", gaps=[0, 600]), language="zh")
    assert worded.text == "您好，请讲。"


@pytest.mark.parametrize(
    "tokens",
    [
        ["請問,", "您", "的", " iPhone", "是", " 15", "吗?"],
        [" So", " the", " the", " the", " car's", " in", "."],
        ["。", "好", "的", "，"],
        ["\u200b", "嗯", " "],
        [" ", "…"],
    ],
)
def test_every_word_is_found_in_order(tokens):
    worded = word(spoken(*tokens), language="zh")
    position = 0
    for item in worded.words:
        position = worded.text.index(item.text, position) + len(item.text)
    assert all(item.text for item in worded.words)


def test_corrections_reach_text_and_words_but_not_what_was_heard():
    worded = word(spoken("寬袋", "慢"), language="zh", corrector=Corrector(["宽带"]))
    assert worded.text == "宽带慢。"
    assert worded.raw_text == "寬袋慢"
    assert worded.words[0].text == "宽带"


def test_nothing_gives_nothing():
    assert word([], language="zh").text == ""
