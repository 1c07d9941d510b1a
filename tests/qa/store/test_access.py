"""What is out of a person's sight does not exist for them, whatever repository is asked."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from qa.access import Person, UserRole
from qa.calls import Call, Recording, Role
from qa.errors import NotFoundError, StoreError
from qa.store import Agent, CallFilter, Problem
from qa.store.access import Rule, rule_of, sight_of, views
from qa.store.tables import metadata
from qa.transcript import Transcript, Turn
from tests.builders import make_evaluation

WHEN = datetime(2026, 11, 2, 10, tzinfo=UTC)
#: (call, agent, stored team); A3 belongs to north by the roster only, until 1 June.
CALLS = (("C-1", "A1", "north"), ("C-2", "A2", "south"), ("C-3", "A3", ""), ("C-4", "A1", "south"))


def person(role, **fields):
    return Person(user_id=f"the-{role}", roles=frozenset({role}), **fields)


LEADER = person(UserRole.TEAM_LEADER, teams=frozenset({"north"}))
AGENT = person(UserRole.AGENT, agent_id="A1")
LEAD = person(UserRole.QA_LEAD)
PEOPLE = (
    (person(UserRole.QA_LEAD), {"C-1", "C-2", "C-3", "C-4"}),
    (person(UserRole.MONITOR), {"C-1", "C-2", "C-3", "C-4"}),
    (person(UserRole.MANAGER), {"C-1", "C-2", "C-3", "C-4"}),
    (LEADER, {"C-1", "C-3"}),
    (
        person(UserRole.COACH, teams=frozenset({"south", "x'); DROP TABLE calls; --"})),
        {"C-2", "C-4"},
    ),
    (person(UserRole.COACH), set()),
    (AGENT, {"C-1", "C-4"}),
    (person(UserRole.AGENT), set()),
    (person(UserRole.ADMIN), set()),
    (person(UserRole.OPERATOR), set()),
    (Person(user_id="nobody"), set()),
)


@pytest.fixture
def full(store):
    """Four calls of three agents, each with everything that a call can have."""
    moves = date(2026, 6, 1)
    store.roster.save(
        [
            Agent(agent_id="A1", valid_from=date(2024, 1, 1), name="Ann", team="north"),
            Agent(agent_id="A2", valid_from=date(2024, 1, 1), name="Bo", team="south"),
            Agent(
                agent_id="A3", valid_from=date(2024, 1, 1), valid_to=moves, name="Cy", team="south"
            ),
            Agent(agent_id="A3", valid_from=moves, name="Cy", team="north"),
        ]
    )
    for number, (call_id, agent_id, team) in enumerate(CALLS):
        sha = f"{number:064x}"
        recording = Recording(
            id=sha[-16:], sha256=sha, uri=f"/r/{call_id}.wav", size_bytes=9, received_at=WHEN
        )
        store.recordings.add(recording)
        store.recordings.add(replace(recording, uri=f"/again/{call_id}.wav"))
        call = Call(
            id=call_id, recording_id=recording.id, started_at=WHEN, agent_id=agent_id, team=team
        )
        store.calls.add(call)
        turn = Turn(index=0, role=Role.AGENT, start_ms=0, end_ms=900, text="您好", raw_text="raw")
        heard = Transcript(call_id=call_id, language="zh", duration_ms=900, turns=(turn,))
        store.transcripts.save(heard, "truth")
        store.evaluations.save(make_evaluation(call_id))
        store.problems.report(
            [Problem(uri=recording.uri, stage="asr", code="x", message="m", sha256=sha)]
        )
    store.disputes.release(LEAD, [call_id for call_id, _, _ in CALLS])
    return store


@pytest.mark.parametrize(("who", "visible"), PEOPLE, ids=lambda it: getattr(it, "user_id", ""))
def test_lists_counts_and_figures_hold_only_what_is_in_sight(full, who, visible):
    seen = full.seen_by(who)
    assert {row.call_id for row in seen.calls.find()} == visible
    assert seen.calls.count() == len(visible)
    assert set(seen.frames.calls_frame()["call_id"]) == visible
    assert set(seen.frames.criterion_results_frame()["call_id"]) == visible
    assert set(seen.frames.findings_frame()["call_id"]) <= visible
    agents = {agent for call, agent, _ in CALLS if call in visible}
    assert set(seen.calls.choices("agent_id")) == agents
    assert set(seen.frames.agents_frame()["agent_id"]) == agents
    filtered = CallFilter(call_ids=tuple(call for call, _, _ in CALLS))
    assert seen.calls.count(filtered) == len(visible)
    assert seen.calls.count(CallFilter(text="您好")) == len(visible)


#: Every public way to read one thing, with arguments that name call C-2 (out of the leader's and
#: the agent's sight), and the same for C-1 (in it).
def single_reads(store, call_id):
    number = next(at for at, row in enumerate(CALLS) if row[0] == call_id)
    sha = f"{number:064x}"
    recording, evaluation = sha[-16:], number + 1
    return {
        ("calls", "get"): lambda: store.calls.get(call_id),
        ("calls", "row"): lambda: store.calls.row(call_id),
        ("calls", "of_recording"): lambda: store.calls.of_recording(recording),
        ("calls", "with_recordings"): lambda: store.calls.with_recordings([recording]),
        ("recordings", "get"): lambda: store.recordings.get(recording),
        ("recordings", "by_sha256"): lambda: store.recordings.by_sha256(sha),
        ("recordings", "aliases"): lambda: store.recordings.aliases(recording),
        ("transcripts", "load"): lambda: store.transcripts.load(call_id),
        ("transcripts", "digest_of"): lambda: store.transcripts.digest_of(call_id),
        ("evaluations", "load"): lambda: store.evaluations.load(call_id),
        ("evaluations", "load_many"): lambda: store.evaluations.load_many([call_id]),
        ("evaluations", "get"): lambda: store.evaluations.get(evaluation),
        ("evaluations", "ids_of"): lambda: store.evaluations.ids_of(call_id),
        ("evaluations", "current_id"): lambda: store.evaluations.current_id(call_id),
        ("problems", "of_recording"): lambda: store.problems.of_recording(sha),
    }


def outcome(read):
    try:
        return read() or "nothing"
    except NotFoundError:
        return "nothing"


@pytest.mark.parametrize("who", [LEADER, AGENT], ids=["leader", "agent"])
def test_guessing_an_id_finds_nothing(full, who):
    seen = full.seen_by(who)
    mine = {name: outcome(read) for name, read in single_reads(seen, "C-1").items()}
    assert [name for name, found in mine.items() if found == "nothing"] == []
    others = {name: outcome(read) for name, read in single_reads(seen, "C-2").items()}
    assert {name: found for name, found in others.items() if found != "nothing"} == {}


@pytest.mark.parametrize(
    ("ahead", "who", "seen"),
    [
        (None, AGENT, False),
        (timedelta(days=2), AGENT, False),
        (timedelta(0), AGENT, True),
        (None, LEADER, True),
        (None, LEAD, True),
    ],
)
def test_agents_see_their_calls_when_they_are_released(store, ahead, who, seen):
    recording = Recording(
        id="0" * 16, sha256="0" * 64, uri="/r/C-1.wav", size_bytes=9, received_at=WHEN
    )
    store.recordings.add(recording)
    store.calls.add(Call(id="C-1", recording_id=recording.id, agent_id="A1", team="north"))
    turn = Turn(index=0, role=Role.AGENT, start_ms=0, end_ms=900, text="您好")
    heard = Transcript(call_id="C-1", language="zh", duration_ms=900, turns=(turn,))
    store.transcripts.save(heard, "truth")
    store.evaluations.save(make_evaluation("C-1"))
    if ahead is not None:
        store.disputes.release(LEAD, ["C-1"], at=datetime.now(UTC) + ahead)
    mine = store.seen_by(who)
    reads = (mine.calls.get, mine.transcripts.load, mine.evaluations.load)
    assert {outcome(partial(read, "C-1")) != "nothing" for read in reads} == {seen}
    frames = (mine.frames.calls_frame(), mine.frames.criterion_results_frame())
    assert {len(frame) > 0 for frame in frames} == {seen}
    with mine.database.reading() as connection:
        held = [
            table.name
            for table in metadata.sorted_tables
            if "call_id" in table.c and connection.execute(sa.select(table).limit(1)).first()
        ]
    assert bool(held) is seen


def test_the_error_is_that_of_a_call_that_never_was(full):
    seen = full.seen_by(AGENT)
    messages = []
    for call_id in ("C-2", "no-such"):
        with pytest.raises(NotFoundError) as caught:
            seen.calls.get(call_id)
        messages.append(str(caught.value).replace(call_id, "ID"))
    assert messages[0] == messages[1]


def test_every_single_read_of_calls_is_tried(store):
    """A new method that takes an id must be added to the attempts above."""
    tried = set(single_reads(store, "C-1"))
    by_id = ("call_id", "recording_id", "call_ids", "recording_ids", "sha256", "evaluation_id")
    writes = {"move", "override_roles", "role_override"}
    for name in ("calls", "recordings", "transcripts", "evaluations", "problems"):
        for method, function in inspect.getmembers(getattr(store, name), inspect.ismethod):
            first = [*inspect.signature(function).parameters][:1]
            if not method.startswith("_") and method not in writes and first and first[0] in by_id:
                assert (name, method) in tried


def test_every_table_has_a_rule():
    unruled = [table.name for table in metadata.sorted_tables if rule_of(table) is None]
    assert unruled == [], "say in qa/store/access.py who sees them"


def test_no_table_with_calls_or_agents_is_open():
    about_people = [t for t in metadata.sorted_tables if {"call_id", "agent_id"} & set(t.c.keys())]
    opened = {table.name for table in about_people if rule_of(table) is Rule.OPEN}
    assert opened == {"accounts"}


def test_every_view_can_be_read(full):
    for who, _ in PEOPLE:
        with full.seen_by(who).database.reading() as connection:
            for table in metadata.sorted_tables:
                connection.execute(sa.select(table).limit(1)).all()


def test_raw_text_and_secrets_are_empty_for_who_may_not_see_them(full):
    for role, raw in ((UserRole.QA_LEAD, "raw"), (UserRole.MONITOR, ""), (UserRole.AGENT, "")):
        seen = full.seen_by(person(role, agent_id="A1"))
        assert seen.transcripts.load("C-1").turns[0].raw_text == raw


def test_audit_events_are_for_who_may_read_them(full):
    full.audit.record("x", "sign_in")
    assert full.seen_by(person(UserRole.ADMIN)).audit.count() == full.audit.count() > 0
    assert full.seen_by(person(UserRole.QA_LEAD)).audit.count() == 0


def test_operators_see_problems_but_no_calls(full):
    seen = full.seen_by(person(UserRole.OPERATOR))
    assert len(seen.problems.open()) == len(CALLS)
    assert seen.calls.find() == []


def test_one_connection_serves_one_person_after_the_other(full):
    north, south = (
        full.seen_by(replace(LEADER, teams=frozenset({team}))) for team in ("north", "south")
    )
    for _ in range(3):
        assert {row.call_id for row in north.calls.find()} == {"C-1", "C-3"}
        assert {row.call_id for row in south.calls.find()} == {"C-2", "C-4"}
    assert north.database.engine is south.database.engine
    assert north.database.seen_by != south.database.seen_by


def test_what_is_seen_cannot_be_written(full):
    seen = full.seen_by(person(UserRole.QA_LEAD))
    with pytest.raises(StoreError, match="for reading"):
        seen.roster.save([])
    with pytest.raises(StoreError), seen.database.reading() as connection:
        connection.execute(sa.text("DELETE FROM evaluations"))


def test_values_never_become_part_of_the_views():
    hostile = person(UserRole.COACH, teams=frozenset({"x'); DROP TABLE calls; --"}))
    assert not any("DROP" in statement for statement in views(sight_of(hostile), "main"))
