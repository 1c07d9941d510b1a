"""The board of improvements and the library of clips: who may, who sees, what is measured."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from qa.access import SYSTEM, Person, UserRole
from qa.errors import AccessDeniedError, NotFoundError, SettingsError
from qa.reports.improvements import Improvement, Step
from qa.reports.report import Change
from qa.store import connect
from qa.store.tables import call_facts, clips, criterion_results
from tests.people_store import build_people_store

TODAY = date(2026, 9, 1)
LEAD = Person(user_id="q", roles=frozenset({UserRole.QA_LEAD}))
LEADER = Person(user_id="t", roles=frozenset({UserRole.TEAM_LEADER}), teams=frozenset({"甲组"}))
COACH = Person(user_id="c", roles=frozenset({UserRole.COACH}), teams=frozenset({"甲组"}))


def agent(key):
    return Person(user_id=key, roles=frozenset({UserRole.AGENT}), agent_id=key)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('improvement') / 'store.db'}"
    with connect(url, upgrade=True, now=lambda: datetime(2026, 9, 1, 4, tzinfo=UTC)) as store:
        build_people_store(store, people=6, months=3, per_month=40, last=date(2026, 10, 1))
        yield store


def finding(**given):
    fields = {
        "measure": "miss:S3.3", "team": "甲组", "finding": "不复述", "owner": "王磊",
        "action": "每通复述一次", "due_on": TODAY + timedelta(days=7), "opened_on": TODAY,
    }  # fmt: skip
    return Improvement(**(fields | given))


def test_a_line_goes_from_plan_to_act(people):
    board = people.improvements
    line = board.open(LEADER, finding(owner="", action=""), today=TODAY)
    assert line.step is Step.PLAN
    line = board.plan(LEADER, line.id, owner="王磊", action="复述", due_on=TODAY)
    assert (line.step, line.is_overdue(TODAY + timedelta(days=1))) == (Step.DO, True)
    with pytest.raises(SettingsError):
        board.done(LEADER, line.id, on=TODAY + timedelta(days=9), today=TODAY)
    line = board.done(LEADER, line.id, on=TODAY, today=TODAY)
    assert (line.step, line.is_overdue(TODAY + timedelta(days=1))) == (Step.CHECK, False)
    with pytest.raises(SettingsError):
        board.close(LEADER, line.id, conclusion=" ")
    assert board.close(LEADER, line.id, conclusion="写入话术").step is Step.ACT
    assert line.id not in [one.id for one in board.all(LEADER, closed=False)]


def test_measured_again_after_the_action(people):
    line = people.improvements.open(SYSTEM, finding(), today=TODAY)
    nothing_yet = people.improvements.measure(SYSTEM, [line], today=TODAY)[0]
    assert (nothing_yet.now, nothing_yet.change) == (None, Change.UNKNOWN)
    facts, results = call_facts.c, criterion_results.c
    later = sa.select(facts.call_id).where(facts.day > TODAY, facts.team == "甲组")
    with people.database.writing() as connection:  # from now on everybody paraphrases
        connection.execute(
            sa.update(criterion_results)
            .where(results.call_id.in_(later), results.criterion_id == "S3.3")
            .values(outcome="met", share=1.0)
        )
    line = people.improvements.done(SYSTEM, line.id, on=TODAY, today=TODAY)
    found = people.improvements.measure(SYSTEM, [line], today=date(2026, 10, 5))[0]
    assert found.change is Change.BETTER
    assert found.now.value == 0
    assert found.difference.high < 0
    mean = people.improvements.open(SYSTEM, finding(measure="quality_mean"), today=TODAY)
    assert people.improvements.measure(SYSTEM, [mean], today=TODAY)[0].before.n > 20


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"finding": " "}, "empty"),
        ({"measure": "aht"}, "measured again"),
        ({"measure": "adherence"}, "measured again"),
        ({"due_on": TODAY - timedelta(days=1)}, "passed"),
    ],
)
def test_a_line_that_cannot_be_checked_is_refused(people, given, what):
    with pytest.raises(SettingsError, match=what):
        people.improvements.open(SYSTEM, finding(**given), today=TODAY)


def test_teams_keep_to_themselves(people):
    other = people.improvements.open(LEAD, finding(team="乙组"), today=TODAY)
    assert other.id not in [one.id for one in people.improvements.all(LEADER)]
    with pytest.raises(NotFoundError):
        people.improvements.close(LEADER, other.id, conclusion="x")
    for team in ("乙组", ""):
        with pytest.raises(AccessDeniedError):
            people.improvements.open(LEADER, finding(team=team), today=TODAY)
    with pytest.raises(AccessDeniedError):
        people.improvements.all(COACH)


def enter(store, call_id, agent_id, **given):
    """A clip as `propose` would leave it; transcripts are another test's matter."""
    row = {
        "call_id": call_id, "agent_id": agent_id, "criterion_id": "S3.3", "start_ms": 0,
        "end_ms": 20_000, "why": "讲得清楚", "quote": '[["agent", "您是说…对吗"]]', "language": "zh",
        "proposed_by": "c", "proposed_at": store.database.now(), **given,
    }  # fmt: skip
    with store.database.writing() as connection:
        return connection.scalars(sa.insert(clips).returning(clips.c.id), row).one()


def test_a_moment_is_shared_only_while_its_agent_agrees(people):
    key = enter(people, "c00000000", "A1000")  # of 甲组

    def seen(person):
        return key in [clip.id for clip in people.seen_by(person).clips.all()]

    stranger = Person(user_id="x", roles=frozenset({UserRole.COACH}), teams=frozenset({"乙组"}))
    assert [seen(one) for one in (COACH, agent("A1000"), agent("A1001"), stranger)] == [
        True, True, False, False,
    ]  # fmt: skip
    with pytest.raises(AccessDeniedError):
        people.clips.answer(agent("A1001"), key, agrees=True)
    people.clips.answer(agent("A1000"), key, agrees=True)
    assert seen(agent("A1001"))
    assert seen(stranger)
    people.clips.answer(agent("A1000"), key, agrees=False)
    assert not seen(stranger)
    with pytest.raises(AccessDeniedError):
        people.clips.remove(stranger, key)
    people.clips.remove(COACH, key)
    assert people.clips.all() == []


def test_a_moment_needs_a_transcript_and_a_reason(people):
    with pytest.raises(SettingsError):
        people.clips.propose(COACH, "c00000000", "S3.3", (0, 20_000), why=" ")
    with pytest.raises(NotFoundError):
        people.clips.propose(COACH, "c00000000", "S3.3", (0, 20_000), why="清楚")
