import pytest

from qa.analysis import Analysis, TurnSentiment
from qa.calls import Call, Role
from qa.transcript import Transcript, Turn
from scoring.voice import grievances, product_mentions, suggestions_of


def call(*texts, language="zh", role=Role.CUSTOMER, scores=(), reason="", name="c"):
    turns = tuple(
        Turn(index=at, role=role, start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
        for at, text in enumerate(texts)
    )
    return Analysis(
        call=Call(id=name, recording_id="r"),
        transcript=Transcript(call_id=name, language=language, duration_ms=9000, turns=turns),
        sentiment=tuple(
            TurnSentiment(turn_index=at, label="x", score=score) for at, score in enumerate(scores)
        ),
        facts={"reason": reason} if reason else {},
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我建议你们在app里加一个进度查询。", "zh"),
        ("要是能自己选上门时间就好了", "zh"),
        ("希望以后短信能写清楚收费", "zh"),
        ("It would be great if the app showed the balance.", "en"),
        ("You should offer a student plan", "en"),
        ("I wish there was a chat option", "en"),
    ],
)
def test_suggestions_are_quoted(text, language):
    (quote,) = suggestions_of(call("嗯", text, language=language))
    assert quote.turn_index == 1
    assert text[quote.char_start : quote.char_end] == quote.text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("希望你们尽快给我退款", "zh"),
        ("你们能不能快点", "zh"),
        ("我查一下账单", "zh"),
        ("附近的酒店你有什么建议吗", "zh"),
        ("I was wondering if you could help with compensation", "en"),
        ("you should refund me now", "en"),
        ("what time do you close", "en"),
        ("je vous suggère", "fr"),
        ("", "zh"),
    ],
)
def test_wishes_for_oneself_are_none(text, language):
    assert suggestions_of(call(text, language=language)) == ()


def test_agents_suggest_nothing_to_themselves():
    assert suggestions_of(call("我建议您加一个流量包试试", role=Role.AGENT)) == ()


def test_grievances_by_reason_with_the_worst_words():
    calls = [
        call("退款拖了半个月", "太差了", scores=(-0.6, -0.9), reason="refund", name="a"),
        call("退款没到", scores=(-0.7,), reason="refund", name="b"),
        call("网速慢", scores=(-0.2,), reason="slow", name="d"),
        call("嗯", scores=(), name="e"),
    ]
    (found,) = grievances(calls)
    assert (found.reason, found.calls, found.mean_sentiment) == ("refund", 2, -0.8)
    assert [quote.text for quote in found.quotes] == ["太差了", "退款没到"]


def test_product_words_count_calls():
    calls = [call("千兆套餐不错", "千兆"), call("星河卡丢了"), call("iPhone Pro 坏了")]
    words = {"gigabit": ["千兆"], "card": ["星河卡"], "phone": ["iphone pro"], "none": [""]}
    assert product_mentions(calls, words) == {"gigabit": 1, "card": 1, "phone": 1}
