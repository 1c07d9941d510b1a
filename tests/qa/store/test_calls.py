"""Calls: kept once, corrected, found by every filter, on both databases."""

from __future__ import annotations

from datetime import date, timedelta, timezone

import pytest
import sqlalchemy as sa

from qa.access import Person
from qa.calls import Direction, Role
from qa.errors import NotFoundError, ReviewError, StoreError
from qa.evaluation import EvaluationState
from qa.store import Agent, CallFilter
from qa.store.erasure import Due
from qa.store.tables import transcript_texts
from tests.builders import (
    NOON,
    add_call,
    make_call,
    make_evaluation,
    make_finding,
    make_recording,
    make_result,
    make_transcript,
)


def ids(rows):
    return [row.call_id for row in rows]


@pytest.fixture
def filled(store):
    """Three calls: a scored and missing S1.2, b scored well in English, c not scored."""
    add_call(store, "a", tags={"产品": "宽带"})
    add_call(
        store,
        "b",
        agent_id="1002",
        team="乙组",
        queue="billing",
        started_at=NOON + timedelta(hours=1),
        direction=Direction.OUTBOUND,
    )
    store.recordings.add(make_recording("c", duration_ms=600_000))
    store.calls.add(make_call("c", started_at=NOON - timedelta(days=2), agent_id="", language="en"))
    store.transcripts.save(make_transcript("call-a"), "d1")
    english = make_transcript("call-b", ((Role.AGENT, "Thank you for calling"),), language="en")
    store.transcripts.save(english, "d1")
    store.evaluations.save(make_evaluation("call-a", 60.0, findings=(make_finding(),)))
    good = make_evaluation("call-b", 95.0, (make_result(),), band="A")
    store.evaluations.save(good)
    return store


FILTERS = {
    "nothing": (CallFilter(), "b a c"),
    "call ids": (CallFilter(call_ids=("call-a", "call-x")), "a"),
    "agent": (CallFilter(agents=("1002",)), "b"),
    "agents": (CallFilter(agents=("1001", "1002")), "b a"),
    "team": (CallFilter(teams=("甲组",)), "a c"),
    "queue": (CallFilter(queues=("billing",)), "b"),
    "direction": (CallFilter(directions=("outbound",)), "b"),
    "language given": (CallFilter(languages=("en",)), "b c"),
    "language heard": (CallFilter(languages=("zh",)), "a"),
    "since is included": (CallFilter(since=NOON), "b a"),
    "until is excluded": (CallFilter(until=NOON), "c"),
    "other zone": (CallFilter(since=NOON.astimezone(timezone(timedelta(hours=8)))), "b a"),
    "min score": (CallFilter(min_score=60.0), "b a"),
    "max score": (CallFilter(max_score=60.0), "a"),
    "band": (CallFilter(bands=("A",)), "b"),
    "state": (CallFilter(states=("scored",)), "b a"),
    "scorecard": (CallFilter(scorecards=("other",)), ""),
    "missed": (CallFilter(missed=("S1.2",)), "a"),
    "met is not missed": (CallFilter(missed=("S1.1",)), ""),
    "finding": (CallFilter(finding_codes=("AF-3",)), "a"),
    "with findings": (CallFilter(has_findings=True), "a"),
    "without findings": (CallFilter(has_findings=False), "b"),
    "needs review": (CallFilter(needs_review=True), "a"),
    "evaluated": (CallFilter(evaluated=True), "b a"),
    "not evaluated": (CallFilter(evaluated=False), "c"),
    "long": (CallFilter(min_duration_ms=600_000), "c"),
    "short": (CallFilter(max_duration_ms=60_000), "b a"),
    "chinese substring": (CallFilter(text="以帮"), "a"),
    "one character": (CallFilter(text="您"), "a"),
    "any case": (CallFilter(text="THANK you"), "b"),
    "percent is a character": (CallFilter(text="0% 退款_"), "a"),
    "percent is no wildcard": (CallFilter(text="您%您"), ""),
    "percent with letters": (CallFilter(text="t%k"), ""),
    "underscore with letters": (CallFilter(text="_hank"), ""),
    "quote": (CallFilter(text="'; DROP TABLE calls; --"), ""),
    "call id": (CallFilter(text="CALL-B"), "b"),
    "alert": (CallFilter(alerts=("churn",)), ""),
    "two conditions": (CallFilter(teams=("甲组",), evaluated=True), "a"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters(filled, name):
    wanted, expected = FILTERS[name]
    expected = [f"call-{letter}" for letter in expected.split()]
    assert ids(filled.calls.find(wanted)) == expected
    assert filled.calls.count(wanted) == len(expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("newest", "b a c"),
        ("oldest", "c a b"),
        ("lowest", "a b c"),
        ("highest", "b a c"),
        ("longest", "c a b"),
    ],
)
def test_orders(filled, order, expected):
    assert ids(filled.calls.find(order=order)) == [f"call-{letter}" for letter in expected.split()]


def test_paging_covers_everything_once(filled):
    pages = [ids(filled.calls.find(limit=1, offset=offset)) for offset in range(4)]
    assert pages == [["call-b"], ["call-a"], ["call-c"], []]


def test_an_unknown_order_is_refused(store):
    with pytest.raises(StoreError, match="newest"):
        store.calls.find(order="best")


def test_a_row_carries_its_evaluation(filled):
    filled.roster.save([Agent(agent_id="1001", valid_from=date(2025, 1, 1), name="李 <b>雷</b>")])
    row = filled.calls.row("call-a")
    assert (row.agent_name, row.language, row.turn_count) == ("李 <b>雷</b>", "zh", 3)
    assert (row.quality_percent, row.finding_count, row.review_count) == (60.0, 1, 1)
    assert row.state == EvaluationState.SCORED
    assert row.happened_at == NOON
    bare = filled.calls.row("call-c")
    assert (bare.evaluation_id, bare.quality_percent, bare.transcript_id) == (None, None, None)


def test_a_call_comes_back_as_it_went_in(store):
    call = add_call(
        store, "a", language="zh", customer_ref="ab" * 16, tags={"产品": "宽带", "x": ""}
    )
    assert store.calls.get(call.id) == call
    assert store.calls.of_recording(call.recording_id) == call
    assert store.calls.with_recordings([call.recording_id, "none"]) == {
        call.recording_id: (make_recording("a"), call)
    }


def test_a_call_without_start_is_sorted_by_its_arrival(store):
    add_call(store, "a", started_at=None)
    row = store.calls.row("call-a")
    assert (row.started_at, row.happened_at) == (None, make_recording("a").received_at)


def test_a_call_enters_once(store):
    call = add_call(store, "a")
    assert not store.calls.add(call)
    assert store.calls.count() == 1


def test_a_call_id_is_not_given_twice(store):
    add_call(store, "a", "same")
    store.recordings.add(make_recording("b"))
    with pytest.raises(StoreError, match="another recording"):
        store.calls.add(make_call("b", "same"))


def test_a_recording_holds_one_call(store):
    add_call(store, "a", "one")
    with pytest.raises(StoreError, match="another call"):
        store.calls.add(make_call("a", "two"))


def test_corrected_metadata_replaces(store):
    add_call(store, "a")
    store.calls.update(make_call("a", agent_id="1009", started_at=NOON + timedelta(days=1)))
    row = store.calls.row("call-a")
    assert (row.agent_id, row.happened_at) == ("1009", NOON + timedelta(days=1))


@pytest.mark.parametrize("action", ["get", "row"])
def test_an_unknown_call_is_named(store, action):
    with pytest.raises(NotFoundError, match="call-x"):
        getattr(store.calls, action)("call-x")


def test_updating_an_unknown_call_is_refused(store):
    store.recordings.add(make_recording("a"))
    with pytest.raises(NotFoundError):
        store.calls.update(make_call("a"))


def test_choices(filled):
    assert filled.calls.choices("agent_id") == ["1001", "1002"]
    assert sorted(filled.calls.choices("team")) == sorted(["甲组", "乙组"])
    with pytest.raises(StoreError):
        filled.calls.choices("id; DROP TABLE calls")


def test_a_search_finds_what_the_turns_say_and_forgets_with_them(filled):
    assert filled.calls.count(CallFilter(text="以帮")) == 1
    gone = Due(call_id="call-a", sha256="", what="redacted", happened_at=NOON)
    filled.erasure.delete(gone)
    with filled.database.reading() as connection:
        left = connection.scalars(sa.select(transcript_texts.c.text)).all()
    assert not any("以帮" in text for text in left)


def test_totals_stand_for_the_whole_list(filled):
    found = filled.frames.totals()
    assert (found.calls, found.with_review, found.with_findings) == (3, 1, 1)
    assert found.mean_quality == pytest.approx(
        filled.frames.calls_frame()["quality_percent"].mean()
    )
    none = filled.frames.totals(CallFilter(text="no such words"))
    assert (none.calls, none.mean_quality) == (0, None)


def test_views_are_a_persons_own(store):
    mei, tom = (Person(user_id=name) for name in ("mei", "tom"))
    store.saved_views.save(mei, "calls", " 低分投诉 ", {"text": "投诉", "score": [0, 70]})
    store.saved_views.save(mei, "calls", "低分投诉", {"text": "退款"})
    store.saved_views.save(mei, "worklist", "mine", {})
    assert store.saved_views.of(mei, "calls") == {"低分投诉": {"text": "退款"}}
    assert store.saved_views.of(tom, "calls") == {}
    store.saved_views.remove(tom, "calls", "低分投诉")
    assert [*store.saved_views.of(mei, "calls")] == ["低分投诉"]
    store.saved_views.remove(mei, "calls", "低分投诉")
    assert store.saved_views.of(mei, "calls") == {}
    for name in ("", " ", "x" * 61):
        with pytest.raises(ReviewError):
            store.saved_views.save(mei, "calls", name, {})
