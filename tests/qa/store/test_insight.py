"""Risks, promises and topics: analysing again updates, and what people did stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qa.access import SYSTEM, Person, UserRole
from qa.calls import Role
from qa.errors import AccessDeniedError, NotFoundError
from qa.evaluation import Bilingual
from qa.insight.alerts import Alert, AlertKind, AlertReason, RiskState
from qa.insight.commitments import Commitment, CommitmentOutcome, CommitmentState
from qa.insight.summaries import CallSummary, Quote
from qa.insight.topics import Topic
from tests.builders import NOON, make_call, make_recording

LEAD = Person(user_id="lin", roles=frozenset({UserRole.QA_LEAD}))
AGENT = Person(user_id="a", roles=frozenset({UserRole.AGENT}), agent_id="1001")
LEADER_OTHER = Person(
    user_id="w", roles=frozenset({UserRole.TEAM_LEADER}), teams=frozenset({"乙组"})
)
LEADER = replace(LEADER_OTHER, user_id="x", teams=frozenset({"甲组"}))


def alert(call_id="call-a", priority="P2", kind=AlertKind.COMPLAINT):
    reason = AlertReason(code="complaint", text=Bilingual(zh="要投诉", en="wants to complain"))
    return Alert(kind=kind, call_id=call_id, priority=priority, reasons=(reason,))


def promise(turn=3, action="call_back", due=NOON + timedelta(hours=6)):
    return Commitment(
        id=f"call-a:{turn}:{action}", call_id="call-a", by=Role.AGENT, action=action,
        turn_index=turn, start_ms=0, end_ms=900, quote="六点前给您回电", char_start=0, char_end=7,
        due_text="六点前", due_at=due,
    )  # fmt: skip


def summary(call_id="call-a", **changes):
    return CallSummary(
        call_id=call_id, **({"call_type": "complaint", "reason": "refund"} | changes)
    )


def enter(store, *contents, **changes):
    for content in contents:
        store.recordings.add(make_recording(content))
        store.calls.add(make_call(content, **changes))


@pytest.fixture
def known(store):
    enter(store, "a")
    store.insight.save(summary(), alerts=[alert()], commitments=[promise()])
    return store


def test_a_summary_comes_back_as_it_was(known):
    low = Quote(call_id="call-a", turn_index=1, start_ms=3, text="太差了", char_start=0, char_end=3)
    told = summary(low=low, low_score=-0.9, needs=("退款",), products=("星河",))
    known.insight.save(told)
    assert known.insight.load("call-a") == told
    assert [one for one, _ in known.insight.summaries(only="lows")] == [told]
    assert known.insight.summaries(only="suggestions") == []


def test_saving_twice_changes_nothing(known):
    before = (known.risks.queue(), known.commitments.all())
    known.insight.save(summary(), alerts=[alert()], commitments=[promise()])
    assert (known.risks.queue(), known.commitments.all()) == before


def test_a_person_takes_and_resolves_and_analysing_again_keeps_it(known):
    item = known.risks.queue(person=LEAD)[0]
    known.risks.take(item.id, person=LEAD)
    known.insight.save(summary(), alerts=[alert()], commitments=[])
    taken = known.risks.queue(person=LEAD)[0]
    assert (taken.state, taken.changed_by) == (RiskState.TAKEN, "lin")
    known.risks.resolve(item.id, person=LEAD, comment="已致歉")
    known.insight.save(summary(), alerts=[alert()])
    assert known.risks.queue() == ()
    states = [(by, state) for _, by, state, _ in known.risks.history(item.id)]
    assert states == [("lin", "taken"), ("lin", "resolved")]


def test_a_resolved_risk_comes_back_when_it_gets_worse(known):
    item = known.risks.queue()[0]
    known.risks.resolve(item.id, person=LEAD)
    known.insight.save(summary(), alerts=[alert(priority="P3")])
    assert known.risks.queue() == ()
    known.insight.save(summary(), alerts=[alert(priority="P1")])
    back = known.risks.queue()[0]
    assert (back.alert.priority, back.state, back.comment) == ("P1", RiskState.NEW, "P2 → P1")


def test_an_alert_that_is_no_longer_found_goes_unless_somebody_touched_it(known):
    known.insight.save(summary(), alerts=[])
    assert known.risks.all() == []
    known.insight.save(summary(), alerts=[alert()])
    known.risks.take(known.risks.queue()[0].id, person=LEAD)
    known.insight.save(summary(), alerts=[])
    assert [(item.state, item.stands) for item in known.risks.all()] == [(RiskState.TAKEN, False)]


def test_who_may_not_handle_risks_sees_and_changes_none(known):
    item = known.risks.queue()[0]
    with pytest.raises(AccessDeniedError):
        known.risks.queue(person=AGENT)
    with pytest.raises(AccessDeniedError):
        known.risks.take(item.id, person=AGENT)
    assert known.risks.queue(person=LEADER_OTHER) == ()
    with pytest.raises(NotFoundError):
        known.risks.take(item.id, person=LEADER_OTHER)
    assert len(known.risks.queue(person=LEADER)) == 1
    assert known.commitments.all(person=LEADER_OTHER) == []


def test_messages_go_once_per_channel_and_priority(known):
    item = known.risks.unsent("wecom")[0]
    known.risks.record_message(item, "wecom", problem="away")
    assert known.risks.unsent("wecom") == [item]
    known.risks.record_message(item, "wecom")
    assert known.risks.unsent("wecom") == []
    assert known.risks.unsent("email") == [item]
    known.insight.save(summary(), alerts=[alert(priority="P1")])
    assert [one.alert.priority for one in known.risks.unsent("wecom")] == ["P1"]
    assert len(known.risks.sent_at("wecom", since=datetime(2020, 1, 1, tzinfo=UTC))) == 2


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"kept_at": NOON + timedelta(hours=1)}, CommitmentState.KEPT),
        ({"kept_at": NOON + timedelta(hours=9)}, CommitmentState.LATE),
        ({"broken": True}, CommitmentState.BROKEN),
        ({}, CommitmentState.OVERDUE),
    ],
)
def test_outcomes_are_entered_by_id(known, told, expected):
    outcome = CommitmentOutcome(commitment_id="call-a:3:call_back", **told)
    assert known.commitments.settle([outcome]) == []
    item = known.commitments.all()[0]
    assert item.state(NOON + timedelta(days=1)) == expected
    assert known.commitments.settle([CommitmentOutcome(commitment_id="x", broken=True)]) == ["x"]


def test_an_outcome_follows_its_promise_into_another_turn(known):
    kept = CommitmentOutcome(commitment_id="call-a:3:call_back", kept_at=NOON, by="crm.csv")
    known.commitments.settle([kept])
    known.insight.save(summary(), commitments=[promise(turn=5)])
    found = known.commitments.all()
    assert [(item.commitment.id, item.outcome.by) for item in found] == [
        ("call-a:5:call_back", "crm.csv")
    ]
    assert known.commitments.all(open_only=True) == []


def test_a_settled_promise_is_not_lost_when_it_is_no_longer_heard(known):
    known.commitments.settle([CommitmentOutcome(commitment_id="call-a:3:call_back", kept_at=NOON)])
    for _ in range(2):
        known.insight.save(summary(), commitments=[])
        assert [item.commitment.id for item in known.commitments.all()] == ["call-a:3:call_back"]


def test_contacts_of_one_customer_for_one_reason_are_counted_over_a_week(store):
    for at, content in enumerate("abcd"):
        day = NOON + timedelta(days=(0, 1, 2, 30)[at])
        enter(store, content, customer_ref="k1", started_at=day)
        store.insight.save(summary(f"call-{content}"))
    enter(store, "e", customer_ref="k1", started_at=NOON + timedelta(days=2))
    store.insight.save(summary("call-e", reason="other"))
    assert store.insight.contacts("call-c", "k1", "refund", NOON + timedelta(days=2)) == 3
    assert store.insight.contacts("x", "", "refund", NOON) == 1
    assert store.insight.contacts("x", "k1", "other", NOON) == 1
    assert store.insight.miscounted() == {"call-b": 2, "call-c": 3}


def topic(label, *call_ids):
    return Topic(label=label, size=len(call_ids), call_ids=call_ids, quotes=("q",))


def test_a_topic_that_lives_on_keeps_its_id_and_its_name(store):
    enter(store, *"abcdef")
    names = [f"call-{one}" for one in "abcdef"]
    store.topics.replace(
        [topic("停电", *names[:3]), topic("积分", *names[3:])], {"call-a": "2026-W10"}
    )
    first = {one.topic.label: one.id for one in store.topics.all()}
    store.topics.rename(first["停电"], "小区停电", person=LEAD)
    store.topics.replace([topic("停电 断网", *names[:4]), topic("发票", names[5])], {})
    found = {one.topic.label: one for one in store.topics.all()}
    assert found["停电 断网"].id == first["停电"]
    assert found["停电 断网"].title == "小区停电"
    assert found["发票"].title == ""
    assert store.topics.of_call("call-a") == [first["停电"]]
    with pytest.raises(AccessDeniedError):
        store.topics.all(person=AGENT)
    with pytest.raises(NotFoundError):
        store.topics.rename(999, "x", person=SYSTEM)


def test_a_call_without_insight_says_what_to_do(store):
    with pytest.raises(NotFoundError, match="no insight"):
        store.insight.load("nobody")
