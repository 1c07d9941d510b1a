"""Periods in the store: opened, frozen once, checked by their hash, adjusted only forwards."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from qa.access import SYSTEM, Person, UserRole
from qa.errors import AccessDeniedError, StoreError
from qa.store.tables import appraisal_periods, call_facts
from tests.people_store import build_people_store

NOW = datetime(2026, 10, 5, tzinfo=UTC)
BOSS = Person(user_id="boss", name="Boss", roles=frozenset({UserRole.MANAGER}))
COACH = Person(user_id="c", roles=frozenset({UserRole.COACH}), teams=frozenset({"甲组"}))


@pytest.fixture
def full(open_store):
    store = open_store(now=lambda: NOW)
    build_people_store(store, people=8, months=2, per_month=25)
    store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
    return store


@pytest.fixture
def period(full):
    return full.appraisals.open(BOSS, "2026-08", date(2026, 8, 1), date(2026, 9, 1))


def test_from_opening_to_export(full, period):
    made = full.appraisals.preview(BOSS, period.id)
    assert len(made.results) == 8
    idle = made.results[-1]
    assert (idle.calls, idle.status) == (0, "insufficient")  # a month without calls
    frozen = full.appraisals.freeze(BOSS, period.id, note="looked at it")
    assert (frozen.state, len(frozen.sha256)) == ("frozen", 64)
    assert full.appraisals.preview(BOSS, period.id).results == made.results
    graded = next(item for item in made.results if item.status == "graded")
    full.appraisals.decide(BOSS, period.id, graded.agent_id, graded.grade, "")
    book = workbook(full.appraisals.export(BOSS, period.id, language="zh-CN"))
    rows = [tuple(cell.value for cell in row) for row in book["结果"].iter_rows()]
    assert rows[0][:3] == ("工号", "姓名", "班组")
    line = next(row for row in rows if row[0] == graded.agent_id)
    assert line[4] == pytest.approx(graded.score)
    assert line[8] == graded.grade
    assert full.appraisals.period(BOSS, period.id).state == "exported"
    actions = [event.action for event in full.audit.find()]
    assert actions[:4] == ["export", "decide_appraisal", "freeze_appraisal", "open_appraisal"]


def test_no_cell_is_a_formula(full, period):
    with full.database.writing() as connection:
        connection.execute(sa.text("UPDATE agents SET name = '=1+1'"))
    full.appraisals.freeze(BOSS, period.id, note="x")
    book = workbook(full.appraisals.export(BOSS, period.id, language="en"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert "=1+1" in {cell.value for cell in cells}


def test_a_frozen_period_never_changes(full, period):
    full.appraisals.freeze(BOSS, period.id, note="x")
    before = full.appraisals.preview(BOSS, period.id).results
    with full.database.writing() as connection:
        connection.execute(sa.update(call_facts).values(fair_quality=1.0))
    assert full.appraisals.preview(BOSS, period.id).results == before
    with pytest.raises(StoreError, match="frozen"):
        full.appraisals.freeze(BOSS, period.id, note="again")


def test_a_changed_snapshot_is_noticed(full, period):
    full.appraisals.freeze(BOSS, period.id, note="x")
    with full.database.writing() as connection:
        text = connection.scalar(sa.select(appraisal_periods.c.snapshot))
        bent = text.replace('"grade":"B"', '"grade":"A"') + " "
        connection.execute(sa.update(appraisal_periods).values(snapshot=bent))
    with pytest.raises(StoreError, match="changed after freezing"):
        full.appraisals.preview(BOSS, period.id)


def test_overturned_verdicts_go_into_the_next_period(full, period):
    full.appraisals.freeze(BOSS, period.id, note="x")
    later = full.appraisals.open(BOSS, "2026-09", date(2026, 9, 1), date(2026, 10, 1))
    assert full.appraisals.late_changes(BOSS, period.id) == []
    result = next(r for r in full.appraisals.preview(BOSS, period.id).results if r.score)
    overturn(full, result.agent_id, 5)
    (change,) = full.appraisals.late_changes(BOSS, period.id)
    assert change.agent_id == result.agent_id
    assert change.points > 0
    plain = score_of(full, later.id, result.agent_id)
    (booked,) = full.appraisals.carry_over(BOSS, period.id, later.id)
    assert booked.points == change.points
    assert 1 <= len(booked.calls) <= 5  # some had nothing to gain
    assert full.appraisals.carry_over(BOSS, period.id, later.id) == [booked]
    after = score_of(full, later.id, result.agent_id)
    assert after == pytest.approx(min(100, plain + change.points), abs=1e-3)
    with pytest.raises(StoreError, match="cannot take"):
        full.appraisals.carry_over(BOSS, later.id, period.id)


def score_of(store, period_id, agent):
    found = store.appraisals.preview(BOSS, period_id).results
    return next(item for item in found if item.agent_id == agent).score


def overturn(store, agent, n):
    """As if people had changed verdicts on n calls, after the freeze."""
    facts = call_facts.c
    with store.database.writing() as connection:
        query = sa.select(facts.call_id).where(facts.agent_id == agent, facts.month == "2026-08")
        ids = list(connection.scalars(query.order_by(facts.call_id).limit(n)))
        connection.execute(
            sa.update(call_facts).where(facts.call_id.in_(ids)),
            {"fair_quality": 100.0, "decided_at": datetime(2026, 10, 9, tzinfo=UTC)},
        )


def test_who_may(full, period):
    for act in (
        lambda who: full.appraisals.open(who, "x", date(2026, 1, 1), date(2026, 2, 1)),
        lambda who: full.appraisals.preview(who, period.id),
        lambda who: full.appraisals.freeze(who, period.id),
        lambda who: full.appraisals.export(who, period.id, language="en"),
        lambda who: full.appraisals.decide(who, period.id, "A1000", "A", "x"),
        lambda who: full.appraisals.schemes.save(who, full.appraisals.schemes.newest()[1]),
    ):
        with pytest.raises(AccessDeniedError):
            act(COACH)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (("b", date(2026, 9, 1), date(2026, 9, 1)), "ends before"),
        (("b", date(2026, 8, 20), date(2026, 9, 20)), "are in it"),
        (("2026-08", date(2026, 9, 1), date(2026, 10, 1)), "exists"),
    ],
)
def test_periods_that_cannot_be(full, period, wanted, words):
    with pytest.raises(StoreError, match=words):
        full.appraisals.open(BOSS, *wanted)


def test_not_frozen_before_its_end_nor_with_figures_behind(full, period):
    running = full.appraisals.open(BOSS, "2026-10", date(2026, 10, 1), date(2026, 11, 1))
    with pytest.raises(StoreError, match="runs until"):
        full.appraisals.freeze(BOSS, running.id)
    with full.database.writing() as connection:
        connection.execute(sa.update(call_facts).values(evaluation_id=0))
    with pytest.raises(StoreError, match="behind"):
        full.appraisals.freeze(BOSS, period.id)


def test_another_grade_than_proposed_needs_a_reason(full, period):
    full.appraisals.freeze(BOSS, period.id, note="x")
    with pytest.raises(StoreError, match="reason"):
        full.appraisals.decide(BOSS, period.id, "A1007", "D", " ")
    with pytest.raises(StoreError, match="no grade"):
        full.appraisals.decide(BOSS, period.id, "A1007", "Z", "x")
    full.appraisals.decide(BOSS, period.id, "A1007", "D", "was ill")
    assert [d.grade for d in full.appraisals.decisions(BOSS, period.id)] == ["D"]


def workbook(data):
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(data))
