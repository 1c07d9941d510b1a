import time
from datetime import UTC, datetime

import numpy as np
import pytest

from qa.analysis import Analysis
from qa.calls import Call, Role
from qa.transcript import Transcript, Turn
from scoring.insight import insight_of, overview_of
from scoring.sentiment import sentiment_of
from scoring.sentiment_lexicon import LexiconSentiment


def call(name, *lines, facts=None):
    turns = tuple(
        Turn(
            index=at,
            role=Role.AGENT if line[0] == "A" else Role.CUSTOMER,
            start_ms=at * 1000,
            end_ms=at * 1000 + 900,
            text=line[3:],
        )
        for at, line in enumerate(lines)
    )
    transcript = Transcript(call_id=name, language="zh", duration_ms=60_000, turns=turns)
    return Analysis(
        call=Call(id=name, recording_id="r", started_at=datetime(2026, 11, 18, 6, tzinfo=UTC)),
        transcript=transcript,
        sentiment=sentiment_of(transcript, LexiconSentiment()),
        facts=facts or {},
    )


ANGRY = call(
    "a", "A: 您好", "C: 我的退款还没到账，太差劲了，我要投诉", "A: 我今天下午六点前给您回电",
    "C: 我建议你们在短信里写清楚到账时间",
)  # fmt: skip
CALM = call("b", "A: 您好", "C: 请问营业厅几点开门", "A: 九点", "C: 好的谢谢")


def test_one_call_in_a_glance():
    found = insight_of(ANGRY)
    assert (found.call_type, found.reason) == ("complaint", "refund")
    assert [alert.priority for alert in found.alerts if alert.kind == "complaint"] == ["P2"]
    assert [item.action for item in found.commitments] == ["call_back"]
    assert len(found.suggestions) == 1
    assert found.course.turns == 2


def test_labels_of_the_analysis_are_kept():
    given = call("c", "C: 请问几点开门", facts={"call_type": "fault", "reason": "tea"})
    found = insight_of(given)
    assert (found.call_type, found.reason) == ("fault", "tea")


def test_many_calls_on_one_page():
    page = overview_of([ANGRY, CALM], products={"hall": ["营业厅"]})
    assert page.calls == 2
    assert page.call_types == {"complaint": 1, "inquiry": 1}
    assert {row.reason for row in page.reasons} == {"refund", "other"}
    assert [item.reason for item in page.grievances] == ["refund"]
    assert page.products == {"hall": 1}
    assert page.topics == ()


class Bags:
    digest = "bags"

    def encode(self, texts):
        rows = np.zeros((len(texts), 512), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text:
                row[ord(char) % 512] += 1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def test_new_topics_come_from_calls_no_reason_fits():
    calls = [call(f"t{at}", "C: 猫粮罐头过敏了" + "啊" * at) for at in range(4)]
    page = overview_of([*calls, ANGRY], encoder=Bags())
    assert sum(topic.size for topic in page.topics) == 4
    assert overview_of([]).calls == 0


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "嗯", "ok", "。" * 50, "😡🙏👍", "a" * 5000, "退款" * 2500, "今天下午六点" * 800,
        "我要投诉，" * 1000, "one two three " * 400, "Спасибо большое", "ありがとう", "\x00\ufeff\u200b",
        "1" * 5000, "十" * 3000, "到" * 3000, "by five " * 600, "如果能" * 1500,
    ],
)  # fmt: skip
def test_odd_turns_give_a_defined_answer_in_time(text):
    started = time.process_time()
    for role in "AC":
        found = insight_of(call("x", f"{role}: {text}", "C: 谢谢"))
        assert found.call_id == "x"
        for item in found.commitments:
            assert item.quote
    assert time.process_time() - started < 5
