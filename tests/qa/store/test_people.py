"""Facts, roll-ups and imports in the store, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from qa.access import SYSTEM, Person, UserRole
from qa.errors import AccessDeniedError, NotFoundError, StoreError
from qa.evaluation import Outcome
from qa.people.figures import combine, from_sums
from qa.people.importing import read_import
from qa.people.indicators import indicator
from qa.review.values import Cause, DecisionKind, Draft
from qa.store import Agent
from tests.builders import add_call, make_evaluation, make_finding, make_result

TODAY = date(2026, 11, 22)
MARCH = {"since": date(2026, 3, 1), "until": date(2026, 4, 1)}
MANAGER = Person(user_id="boss", roles=frozenset({UserRole.MANAGER}))
LEADER = Person(user_id="lead", roles=frozenset({UserRole.TEAM_LEADER}), teams=frozenset({"甲组"}))
AGENT = Person(user_id="a", roles=frozenset({UserRole.AGENT}), agent_id="1001")


def refresh(store):
    return store.people.refresh(SYSTEM, timezone="Asia/Shanghai")


def scored(store, content="a", quality=80.0, *, evaluation=None, **call):
    made = add_call(store, content, **call)
    store.evaluations.save(make_evaluation(made.id, quality, **(evaluation or {})))
    return made


def figure(store, measure, by="agent_id"):
    sums = store.people.frames.months(SYSTEM, [measure], **MARCH)
    return from_sums(combine(sums, [by]), indicator(measure)).set_index(by)


def bring(store, kind, text, person=SYSTEM):
    preview = read_import(kind, text.encode(), f"{kind}.csv", store.imports.known(kind, TODAY))
    return store.imports.apply(person, preview)


def test_new_evaluations_reach_the_sums_and_a_second_time_changes_nothing(store):
    scored(store, "a", 80)
    scored(store, "b", 90)
    assert refresh(store).calls == 2
    assert refresh(store) == refresh(store)
    assert refresh(store).calls == 0
    assert figure(store, "quality_mean").loc["1001", "value"] == 85
    assert figure(store, "miss:S1.2").loc["1001", "value"] == 100


def test_a_new_evaluation_replaces_the_old_facts(store):
    call = scored(store, "a", 80)
    refresh(store)
    store.evaluations.save(make_evaluation(call.id, 60))
    assert refresh(store).calls == 1
    assert figure(store, "quality_mean").loc["1001", "value"] == 60


def test_days_and_months_are_the_sites_own(store):
    from datetime import UTC, datetime

    scored(store, "a", started_at=datetime(2026, 2, 28, 20, tzinfo=UTC))
    refresh(store)
    assert store.people.months() == ["2026-03"]
    assert store.people.frames.facts(SYSTEM, **MARCH)["hour"].tolist() == [4]


def test_what_a_person_decided_counts(store):
    results = (make_result(weight=40), make_result("S1.2", Outcome.MISSED, 0.0, weight=60))
    call = scored(
        store, "a", 40.0, evaluation={"results": results, "findings": (make_finding("AF-1"),)}
    )
    refresh(store)
    assert figure(store, "cc_accuracy").loc["1001", "value"] == 100
    review = store.reviews.open(SYSTEM, call.id)
    change = Draft(
        subject="S1.2", kind=DecisionKind.CHANGE, outcome=Outcome.MET, cause=Cause.JUDGEMENT
    )
    store.reviews.decide(SYSTEM, review.id, change)
    assert refresh(store).calls == 1
    assert figure(store, "quality_mean").loc["1001", "value"] == 100
    assert figure(store, "miss:S1.2").loc["1001", "value"] == 0
    outcomes = store.people.frames.outcomes(SYSTEM, **MARCH).set_index("criterion_id")
    assert outcomes.loc["S1.2", "points"] == 60
    assert outcomes["decided"].to_dict() == {"S1.1": False, "S1.2": True}
    scored(store, "b", 40.0, evaluation={"results": results}, agent_id="1002")  # not looked at
    refresh(store)
    sums = store.people.frames.outcome_sums(SYSTEM, ["criterion_id"], **MARCH)
    assert sums.set_index("criterion_id").loc["S1.2"].to_dict() == {
        "n": 2, "misses": 1, "points": 60, "applied": 120,
    }  # fmt: skip
    store.reviews.decide(SYSTEM, review.id, Draft(subject="AF-1", kind=DecisionKind.CONFIRM))
    refresh(store)
    assert figure(store, "cc_accuracy").loc["1001", "value"] == 0
    assert figure(store, "quality_mean").loc["1001", "value"] == 0


def test_who_sees_what(store):
    scored(store, "a", agent_id="1001", team="甲组")
    scored(store, "b", agent_id="2002", team="乙组")
    refresh(store)
    seen = {
        person.user_id: set(store.people.frames.facts(person, **MARCH)["agent_id"])
        for person in (MANAGER, LEADER)
    }
    assert seen == {"boss": {"1001", "2002"}, "lead": {"1001"}}
    months = store.people.frames.months(LEADER, ["quality_mean"], **MARCH)
    assert set(months["agent_id"]) == {"1001"}
    for call in (
        lambda: store.people.frames.facts(AGENT, **MARCH),
        lambda: store.people.refresh(LEADER, timezone="UTC"),
        lambda: bring(store, "csat", "call_id,score\nc,4\n", LEADER),
        lambda: store.imports.undo(LEADER, 1),
        lambda: store.imports.batches(LEADER),
    ):
        with pytest.raises(AccessDeniedError):
            call()


def test_an_agent_who_moved_counts_in_both_teams(store):
    from datetime import UTC, datetime

    store.roster.save([
        Agent(agent_id="1001", valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 10), team="甲组"),
        Agent(agent_id="1001", valid_from=date(2026, 3, 10), valid_to=None, team="乙组"),
    ])  # fmt: skip
    for content, day in (("a", 2), ("b", 20)):
        scored(store, content, team="", started_at=datetime(2026, 3, day, 4, tzinfo=UTC))
    refresh(store)
    assert figure(store, "quality_mean", "team")["n"].to_dict() == {"甲组": 1, "乙组": 1}
    assert figure(store, "quality_mean").loc["1001", "n"] == 2
    bring(
        store,
        "attendance",
        "agent_id,date,scheduled_min\n1001,2026-03-09,480\n1001,2026-03-10,480\n",
    )
    refresh(store)
    assert figure(store, "lost_minutes", "team")["n"].to_dict() == {"甲组": 1, "乙组": 1}


def test_a_corrected_roster_moves_past_calls(store):
    scored(store, "a", team="")
    refresh(store)
    assert set(figure(store, "quality_mean", "team").index) == {""}
    bring(store, "roster", "agent_id,valid_from,team\n1001,2026-01-01,丙组\n")
    refresh(store)
    assert set(figure(store, "quality_mean", "team").index) == {"丙组"}


def test_customers_who_come_back(store):
    from datetime import UTC, datetime

    for content, day, ref in (
        ("a", 1, "u1"),
        ("b", 5, "u1"),
        ("c", 2, "u2"),
        ("d", 29, "u3"),
        ("e", 3, ""),
    ):
        scored(
            store,
            content,
            customer_ref=ref,
            agent_id=f"x{content}",
            started_at=datetime(2026, 3, day, tzinfo=UTC),
        )
    refresh(store)
    repeated = store.people.frames.facts(SYSTEM, **MARCH).set_index("agent_id")["repeated"]
    assert repeated["xa"]
    assert not repeated["xb"]
    assert not repeated["xc"]
    assert repeated[["xd", "xe"]].isna().all()  # too young; unknown customer


def test_imports_join_their_calls(store):
    call = scored(store, "a")
    refresh(store)
    bring(store, "csat", f"call_id,score\n{call.id},5\n")
    bring(store, "crm", f"call_id,complaint_upheld,commitment_kept\n{call.id},yes,no\n")
    bring(store, "calls", f"call_id,agent_id,talk_s,hold_s,acw_s\n{call.id},1001,100,20,30\n")
    bring(
        store,
        "ratings",
        "ratee,period,role,item,score\n1001,2026-03,peer,x,4\n1001,2026-03,peer,x,5\n1001,2026-03,self,x,1\n",
    )
    assert refresh(store).months == ("2026-03",)
    assert figure(store, "csat").loc["1001", "value"] == 100
    assert figure(store, "complaints_upheld").loc["1001", "value"] == 1000
    assert figure(store, "commitments_kept").loc["1001", "value"] == 0
    assert figure(store, "aht").loc["1001", "value"] == 150
    assert figure(store, "teamwork").loc["1001", "value"] == 4.5


def test_importing_again_stores_nothing(store):
    text = "call_id,score,comment\nc1,5,好\n"
    assert bring(store, "csat", text).inserted == 1
    again = bring(store, "csat", text)
    assert (again.id, again.unchanged) == (0, 1)
    assert len(store.imports.batches(SYSTEM)) == 1


def test_columns_that_a_file_lacks_keep_what_was_there(store):
    bring(store, "csat", "call_id,score,comment\nc1,5,好\n")
    changed = bring(store, "csat", "call_id,score\nc1,4\n")
    assert changed.changed == 1
    assert rows(store, "csat") == [("c1", 4.0, "好")]


def test_undo_restores_what_was_there(store):
    first = bring(store, "csat", "call_id,score,comment\nc1,5,好\nc2,3,\n")
    second = bring(store, "csat", "call_id,score,comment\nc1,1,坏\nc3,2,\n")
    with pytest.raises(StoreError, match="undo") as caught:
        store.imports.undo(SYSTEM, first.id)
    assert f"batch {second.id}" in str(caught.value)
    store.imports.undo(SYSTEM, second.id)
    assert rows(store, "csat") == [("c1", 5.0, "好"), ("c2", 3.0, "")]
    store.imports.undo(SYSTEM, first.id)
    assert rows(store, "csat") == []
    with pytest.raises(StoreError, match="already"):
        store.imports.undo(SYSTEM, first.id)
    assert bring(store, "csat", "call_id,score,comment\nc1,5,好\n").inserted == 1
    with pytest.raises(NotFoundError):
        store.imports.undo(SYSTEM, 99)


def test_undo_of_dates_and_times(store):
    bring(store, "roster", "agent_id,valid_from,team\nA1,2026-01-01,x\n")
    moved = bring(
        store, "roster", "agent_id,valid_from,valid_to,team\nA1,2026-01-01,2026-02-01,x\n"
    )
    store.imports.undo(SYSTEM, moved.id)
    assert store.roster.all()[0].valid_to is None
    crm = bring(store, "crm", "call_id,reopened_at\nc1,2026-01-02T03:04:05+00:00\n")
    changed = bring(store, "crm", "call_id,reopened_at\nc1,2026-05-02T03:04:05+00:00\n")
    store.imports.undo(SYSTEM, changed.id)
    assert rows(store, "crm_cases")[0][3].month == 1
    store.imports.undo(SYSTEM, crm.id)


def test_imports_stand_in_the_audit_trail(store):
    batch = bring(store, "csat", "call_id,score\nc1,5\n", MANAGER)
    store.imports.undo(MANAGER, batch.id)
    assert [event.action for event in store.audit.find()] == ["undo_import", "import"]


def rows(store, table):
    import sqlalchemy as sa

    from qa.store.tables import metadata

    with store.database.reading() as connection:
        found = metadata.tables[table]
        return [
            tuple(row) for row in connection.execute(sa.select(found).order_by(*found.primary_key))
        ]


def test_classes_that_were_not_assessed_do_not_count(store):
    scored(store, "a", evaluation={"critical": {"customer_critical": "not_evaluable"}})
    refresh(store)
    assert "1001" not in figure(store, "cc_accuracy").index
