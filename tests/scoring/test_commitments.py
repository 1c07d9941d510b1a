from datetime import UTC, datetime, timedelta

import pytest

from qa.analysis import Analysis
from qa.calls import Call, Role
from qa.transcript import Transcript, Turn
from scoring.commitments import CommitmentState, due_list, find_commitments, state_of, to_row

STARTED = datetime(2026, 11, 18, 6, 20, tzinfo=UTC)  # a Wednesday, 14:20 in Shanghai


def call(*lines, language="zh", started=STARTED):
    turns = tuple(
        Turn(index=at, role=Role(role), start_ms=at * 1000, end_ms=at * 1000 + 900, text=text)
        for at, (role, text) in enumerate(lines)
    )
    transcript = Transcript(call_id="c1", language=language, duration_ms=60_000, turns=turns)
    return Analysis(call=Call(id="c1", recording_id="r", started_at=started), transcript=transcript)


def agent(text, language="zh"):
    return find_commitments(call(("agent", text), language=language))


@pytest.mark.parametrize(
    ("text", "language", "action", "due"),
    [
        ("好的，我今天下午六点前给您回电。", "zh", "call_back", "18 18:00"),
        ("工程师会在明天上午九点到十一点上门。", "zh", "visit", "19 11:00"),
        ("明天上午，工程师会上门给您检查。", "zh", "visit", "19 12:00"),
        ("退款会在三个工作日内到账，请您留意。", "zh", "refund", "23 23:59"),
        ("我们会在24小时内给您回复", "zh", "reply", "19 14:20"),
        ("最迟周五之前我给您答复", "zh", "reply", "20 23:59"),
        ("我马上给您登记然后两个小时内会有专员联系您", "zh", "reply", "18 16:20"),
        ("I'll call you back by five pm today.", "en", "call_back", "18 17:00"),
        (
            "An engineer will be with you tomorrow between nine and eleven.",
            "en",
            "visit",
            "19 11:00",
        ),
        ("You'll hear from us within 24 hours", "en", "reply", "19 14:20"),
        ("the refund takes three to five business days", "en", "refund", "25 23:59"),
    ],
)
def test_who_what_when(text, language, action, due):
    found = agent(text, language)
    assert [item.action for item in found] == [action]
    assert f"{found[0].due_at:%d %H:%M}" == due
    assert found[0].quote in text
    assert found[0].complete


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我现在就帮您处理好。", "zh"),
        ("需要我明天给您回电吗？", "zh"),
        ("我们不能明天给您退款。", "zh"),
        ("我昨天已经给您回电了。", "zh"),
        ("请您明天把材料发过来。", "zh"),
        ("如果明天还不行我再给您回电", "zh"),
        ("今天天气不错", "zh"),
        ("would you like me to call you tomorrow?", "en"),
        ("I can't send it by Friday.", "en"),
        ("I already emailed you yesterday", "en"),
        ("", "zh"),
    ],
)
def test_what_is_no_promise(text, language):
    assert agent(text, language) == ()


def test_two_promises_in_one_breath():
    found = agent("今天四点前上门，费用减免三天，六点前我给您回电。")
    assert [(item.action, f"{item.due_at:%H:%M}") for item in found] == [
        ("visit", "16:00"),
        ("call_back", "18:00"),
    ]


def test_saying_it_again_is_one_promise():
    lines = ("agent", "我今天下午六点前给您回电"), ("agent", "好的，今天下午六点前我给您回电话")
    assert len(find_commitments(call(*lines))) == 1


def test_a_promise_without_a_time_is_kept_as_incomplete():
    (found,) = agent("我会尽快给您回电")
    assert (found.complete, found.due_at, found.vague) == (False, None, "尽快")


def test_customers_promise_too_but_their_wishes_are_none():
    found = find_commitments(
        call(("customer", "你们明天给我回电"), ("customer", "我明天把钱还上，我会还款的"))
    )
    assert [(item.by, item.action) for item in found] == [(Role.CUSTOMER, "pay")]


def test_times_count_from_the_calls_own_time():
    found = find_commitments(call(("agent", "您好"), ("agent", "我半小时内给您回电")))
    assert found[0].due_at == STARTED + timedelta(minutes=30, seconds=1)
    assert str(found[0].due_at.tzinfo) == "Asia/Shanghai"


def test_without_a_call_start_the_words_stay_and_the_moment_does_not():
    found = find_commitments(call(("agent", "我明天上午给您回电"), started=None))
    assert (found[0].due_text, found[0].due_at) == ("明天上午", None)


def test_other_languages_give_nothing():
    assert agent("je vous rappelle demain", "fr") == ()


def test_states():
    (found,) = agent("今天下午六点前给您回电")
    early, late = found.due_at - timedelta(hours=1), found.due_at + timedelta(hours=1)
    assert state_of(found, now=early) == CommitmentState.OPEN
    assert state_of(found, now=late) == CommitmentState.OVERDUE
    assert state_of(found, now=late, kept_at=early) == CommitmentState.KEPT
    assert state_of(found, now=late, kept_at=late) == CommitmentState.LATE
    assert state_of(found, now=late, broken=True) == CommitmentState.BROKEN


def test_due_list_and_export():
    items = find_commitments(
        call(
            ("agent", "我会尽快给您回电"),
            ("agent", "明天给您回复"),
            ("agent", "我今天下午六点前给您回电"),
        )
    )
    listed = due_list(items, now=STARTED)
    assert [item.due_text for item in listed] == ["今天下午六点", "明天", ""]
    assert to_row(listed[0])["due_at"] == "2026-11-18T18:00:00+08:00"
    assert due_list(items, now=STARTED, settled=frozenset(item.id for item in items)) == ()
