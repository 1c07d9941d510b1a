import pytest

from scoring.sentiment import UNKNOWN, scoring_language
from scoring.sentiment_lexicon import LexiconSentiment

MODEL = LexiconSentiment()


def label(text, language):
    return MODEL.score([text], language=language)[0].label


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("太感谢了，问题解决了", "zh", "positive"),
        ("你们服务态度真好", "zh", "positive"),
        ("我对你们太失望了，我要投诉", "zh", "negative"),
        ("一点都不满意", "zh", "negative"),
        ("不是很好吃", "zh", "negative"),
        ("什么破服务", "zh", "negative"),
        ("我的号码是一三八零零", "zh", "neutral"),
        ("请问怎么办理退款流程", "zh", "neutral"),
        ("嗯，好的", "zh", "neutral"),
        ("谢谢你们全家", "zh", "negative"),
        ("thank you so much, that solved it", "en", "positive"),
        ("this is not good at all", "en", "negative"),
        ("terrible service, I'm really angry", "en", "negative"),
        ("can I change the seat on my booking", "en", "neutral"),
        ("thanks for nothing", "en", "negative"),
    ],
)
def test_labels(text, language, expected):
    assert label(text, language) == expected


def test_negation_turns_round_and_degree_scales():
    plain, strong, negated = (
        MODEL.score([text], language="zh")[0].score for text in ("满意", "非常满意", "不满意")
    )
    assert negated < 0 < plain < strong


def test_what_follows_but_counts_more():
    good_last = MODEL.score(["送得慢，但是很好吃"], language="zh")[0].score
    bad_last = MODEL.score(["很好吃，但是送得慢"], language="zh")[0].score
    assert good_last > bad_last


@pytest.mark.parametrize(
    "text", ["", "   ", "123 456", "...", "こんにちはありがとう", "Спасибо большое"]
)
def test_no_answer_where_none_is_honest(text):
    assert MODEL.score([text], language="zh") == [UNKNOWN]


@pytest.mark.parametrize("text", ["嗯", "ok", "好", "很好 " * 1700, "差" * 5000, "😡", "👍"])
def test_odd_texts_give_probabilities(text):
    score = MODEL.score([text], language="zh")[0]
    assert sum(score.probabilities.values()) == pytest.approx(1)
    assert -1 <= score.score <= 1


def test_emoji_counts():
    assert label("😡", "zh") == "negative"
    assert label("👍", "en") == "positive"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("I want a refund", "zh", "en"),
        ("我的 iPhone 坏了", "en", "zh"),
        ("merci beaucoup", "fr", "fr"),
        ("42", "zh", ""),
    ],
)
def test_script_decides_language(text, language, expected):
    assert scoring_language(text, language) == expected


def test_order_is_kept_and_empty_list_is_empty():
    assert MODEL.score([], language="zh") == []
    scores = MODEL.score(["太差了", "太好了"], language="zh")
    assert [item.label for item in scores] == ["negative", "positive"]
