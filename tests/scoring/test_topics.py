from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest

from scoring.topics import TopicText, discover_topics, growth_of


class Bags:
    """An encoder of character counts."""

    digest = "bags"

    def encode(self, texts):
        rows = np.zeros((len(texts), 256), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text:
                row[ord(char) % 256] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


BROADBAND = ["宽带断网", "宽带断网上不去", "家里宽带断网", "宽带断网三天"]
INVOICE = ["发票抬头写错", "发票抬头改", "电子发票抬头", "发票抬头税号"]
DAY = date(2026, 11, 16)


def items(*groups):
    return [
        TopicText(call_id=f"c{number}-{at}", text=text, day=DAY + timedelta(days=7 * (at == 3)))
        for number, group in enumerate(groups)
        for at, text in enumerate(group)
    ]


def test_like_sentences_meet_and_are_named():
    topics = discover_topics(items(BROADBAND, INVOICE), Bags())
    assert [topic.size for topic in topics] == [4, 4]
    labels = " ".join(topic.label for topic in topics)
    assert "宽带" in labels or "断网" in labels
    assert "发票" in labels or "抬头" in labels
    for topic in topics:
        assert set(topic.quotes) <= {*BROADBAND, *INVOICE}
        assert len(topic.call_ids) == 4


def test_growth_over_weeks():
    topics = discover_topics(items(BROADBAND), Bags(), smallest=2)
    assert sum(count for topic in topics for _, count in topic.weekly) == sum(
        t.size for t in topics
    )
    assert growth_of(Counter({"2026-W46": 2, "2026-W47": 6})) == pytest.approx(3)
    assert growth_of(Counter({"2026-W46": 2})) is None


@pytest.mark.parametrize("texts", [[], ["嗯"], ["", "  "], ["宽带断网"]])
def test_too_little_is_no_topic(texts):
    given = [TopicText(call_id=str(at), text=text) for at, text in enumerate(texts)]
    assert discover_topics(given, Bags()) == ()


def test_a_lone_sentence_is_left_out():
    topics = discover_topics([*items(BROADBAND), TopicText(call_id="x", text="猫粮过期")], Bags())
    assert "x" not in {call for topic in topics for call in topic.call_ids}


def test_labels_are_words_people_say():
    zh = ["莫名其妙扣钱", "莫名其妙扣了二十", "钱莫名其妙扣了"]
    en = ["refunded late", "my refund is late", "refund never came", "refund is missing"]
    (one,) = discover_topics(items(zh), Bags())
    assert "莫名其妙" in one.label
    labels = " ".join(topic.label for topic in discover_topics(items(en), Bags()))
    assert "refund" in labels
    assert "'" not in labels
