"""Assignment, disputes, calibration, the ladder, the error budget and the exported card."""

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from qa.errors import ReviewError
from qa.evaluation import Bilingual, Outcome
from qa.review.agreement import agreement
from qa.review.assignment import Obstacle, Reviewer, Terms, Waiting, hand_out, obstacle
from qa.review.autonomy import Evidence, Level, may_promote, next_move, standing
from qa.review.calibration import (
    MACHINE,
    Calibration,
    CalibrationState,
    Form,
    Mark,
    baseline,
    rater_results,
    visible_forms,
)
from qa.review.disputes import NEXT, DisputeState, advance
from qa.review.error_budget import Override, budget, by_week
from qa.review.report_card import CardLine, to_csv
from qa.review.values import Cause
from qa.spreadsheets import safe_cell
from tests.builders import NOON

MET, MISSED = Mark(outcome=Outcome.MET, share=1.0), Mark(outcome=Outcome.MISSED)


def calls(count, team="甲组", agents=4):
    return [Waiting(call_id=f"c{at}", agent_id=f"A{at % agents}", team=team) for at in range(count)]


@pytest.mark.parametrize(
    ("reviewer", "expected"),
    [
        (Reviewer(user_id="x"), None),
        (Reviewer(user_id="x", agent_id="A1"), Obstacle.OWN_CALL),
        (Reviewer(user_id="x", leads=frozenset({"甲组"})), Obstacle.LEADS_TEAM),
        (Reviewer(user_id="x", team="乙组"), Obstacle.OWN_LEADER),
        (Reviewer(user_id="x", team="丙组"), None),
        (Reviewer(user_id="first"), Obstacle.REVIEWED_BEFORE),
        (Reviewer(user_id="x", languages=frozenset({"en"})), Obstacle.LANGUAGE),
    ],
)
def test_who_has_a_stake_does_not_judge(reviewer, expected):
    call = Waiting(
        call_id="c", agent_id="A1", team="甲组", language="zh", reviewed_by=frozenset({"first"})
    )
    leaders = {"乙组": frozenset({"A1"}), "丙组": frozenset({"A9"})}
    assert obstacle(call, reviewer, leaders) == expected


def test_work_is_shared_by_capacity_and_rotates_over_agents():
    people = [Reviewer(user_id="full", capacity=20), Reviewer(user_id="half", capacity=10)]
    handed = hand_out(calls(24), people, now=NOON, terms=Terms(days=2), load={"full": 4})
    counts = Counter(item.reviewer for item in handed.assignments)
    # 16 and 10 places: 24 calls fill both in step, as far as rotation over agents allows
    assert sum(counts.values()) == 24
    assert counts["full"] > counts["half"] >= 8
    assert {item.due_at for item in handed.assignments} == {NOON + timedelta(days=2)}
    seen = Counter((item.reviewer, item.call_id) for item in handed.assignments)
    assert max(seen.values()) == 1


def test_nobody_keeps_the_same_agent():
    people = [Reviewer(user_id="a"), Reviewer(user_id="b")]
    handed = hand_out(calls(8, agents=1), people, now=NOON, terms=Terms(), met={("a", "A0"): 6})
    counts = Counter(item.reviewer for item in handed.assignments)
    assert counts["b"] > counts["a"]


def test_what_nobody_can_take_is_named_with_its_reasons():
    people = [Reviewer(user_id="own", agent_id="A0"), Reviewer(user_id="tired", capacity=0)]
    handed = hand_out(calls(1), people, now=NOON, terms=Terms())
    assert handed.assignments == ()
    assert handed.left == {"c0": {"own": Obstacle.OWN_CALL, "tired": Obstacle.NO_CAPACITY}}


@pytest.mark.parametrize("state", list(DisputeState))
@pytest.mark.parametrize("to", list(DisputeState))
def test_disputes_take_only_the_steps_of_the_table(state, to):
    if to in NEXT[state]:
        assert advance(state, to) == to
    else:
        with pytest.raises(ReviewError, match="cannot become"):
            advance(state, to)


def session(**changes):
    facts = {
        "id": 1,
        "name": "s",
        "expert": "",
        "with_machine": True,
        "note": "",
        "state": CalibrationState.OPEN,
        "made_by": "lead",
        "made_at": NOON,
        "due_at": None,
        "closed_at": None,
        "evaluations": {"c1": 1},
        "raters": ("ann", "bo", "cy"),
    }
    return Calibration(**(facts | changes))


def forms(**marks):
    return [Form(call_id="c1", rater=who, marks={"S1": mark}) for who, mark in marks.items()]


@pytest.mark.parametrize(
    ("viewer", "may_run", "state", "seen"),
    [
        ("ann", False, CalibrationState.OPEN, {"ann", "bo", MACHINE}),
        ("cy", False, CalibrationState.OPEN, set()),
        ("cy", True, CalibrationState.OPEN, set()),
        ("lead", True, CalibrationState.OPEN, {"ann", "bo", MACHINE}),
        ("cy", False, CalibrationState.CLOSED, {"ann", "bo", MACHINE}),
    ],
)
def test_a_rater_sees_others_only_after_handing_in(viewer, may_run, state, seen):
    handed = [*forms(ann=MET, bo=MISSED), *forms(**{MACHINE: MET})]
    found = visible_forms(session(state=state), handed, viewer, may_run=may_run)
    assert {form.rater for form in found} == seen


def test_the_majority_is_of_people_and_a_tie_has_none():
    handed = [*forms(ann=MET, bo=MISSED), *forms(**{MACHINE: MET})]
    assert baseline(session(), handed) == {}
    three = [*handed, *forms(cy=MISSED)]
    assert baseline(session(), three) == {("c1", "S1"): MISSED}
    results = {line.rater: line for line in rater_results(session(), three)}
    assert results[MACHINE].agreement == 0.0
    assert results[MACHINE].leniency == 1.0
    assert [*results][-1] == MACHINE


def test_an_expert_is_the_baseline_and_is_not_measured():
    handed = forms(ann=MET, bo=MISSED, cy=MISSED)
    assert baseline(session(expert="ann"), handed) == {("c1", "S1"): MET}
    assert [line.rater for line in rater_results(session(expert="ann"), handed)] == ["bo", "cy"]


def evidence(*, right=0, wrong=0, clean=0, overrides=0, disputes=(0, 0)):
    counts = {("missed", "missed"): right, ("missed", "met"): wrong, ("met", "met"): clean}
    return Evidence(
        agreement=agreement(counts),
        overrides=overrides,
        disputes_decided=disputes[0],
        disputes_overturned=disputes[1],
    )


@pytest.mark.parametrize(
    ("level", "known", "to"),
    [
        # 99 calls are not enough, however good
        (Level.ASSIST, evidence(right=99), Level.ASSIST),
        (Level.ASSIST, evidence(right=100), Level.AUDIT),
        # lower bound of 90 of 100 is 0.826, of 95 it is 0.888
        (Level.ASSIST, evidence(right=90, wrong=10), Level.ASSIST),
        (Level.ASSIST, evidence(right=95, wrong=5), Level.AUDIT),
        # no violation was ever named: nothing is known about precision
        (Level.ASSIST, evidence(clean=500), Level.ASSIST),
        (Level.AUDIT, evidence(right=100), Level.AUTO),
        (Level.AUDIT, evidence(right=10), Level.AUDIT),
        (Level.AUTO, evidence(right=60, wrong=40, overrides=40), Level.AUDIT),
        (Level.AUDIT, evidence(right=80, clean=20, overrides=30), Level.ASSIST),
        (Level.AUTO, evidence(right=40, disputes=(4, 3)), Level.AUDIT),
        (Level.AUTO, evidence(right=40, disputes=(9, 3)), Level.AUTO),
        (Level.OFF, evidence(right=400), Level.OFF),
    ],
)
def test_the_ladder_goes_by_figures(level, known, to):
    move = next_move(level, known)
    assert move.to == to
    assert move.is_automatic == (list(Level).index(to) < list(Level).index(level))
    assert move.reason.zh
    assert move.reason.en


def test_people_may_lower_a_level_and_never_skip_one():
    good = evidence(right=400)
    assert may_promote(Level.AUTO, Level.OFF, evidence())
    assert may_promote(Level.OFF, Level.ASSIST, evidence())
    assert may_promote(Level.ASSIST, Level.AUDIT, good)
    assert not may_promote(Level.ASSIST, Level.AUTO, good)
    assert not may_promote(Level.AUDIT, Level.AUTO, evidence(right=99))
    words = [standing(level) for level in Level]
    assert [word and word.en for word in words] == ["machine off", "suggested", "suggested", None]


def overruled(cause, criterion, points, *, day=2, version="1"):
    return Override(
        criterion_id=criterion,
        cause=cause,
        scorecard_version=version,
        digest="d",
        model="whisper base",
        points=points,
        made_at=datetime(2026, 3, day, 23, tzinfo=UTC),
    )


def test_the_dearest_repair_comes_first():
    found = budget(
        [
            overruled(Cause.RULE_TOO_WIDE, "S7.1", 3.0),
            overruled(Cause.RECOGNITION, "S1.1", 4.0),
            overruled(Cause.RECOGNITION, "S1.1", 4.0, version="2"),
            overruled(Cause.RULE_TOO_WIDE, "S7.1", 3.0, version="2"),
        ]
    )
    assert [(line.cause, line.version, line.points) for line in found] == [
        (Cause.RECOGNITION, "whisper base", 8.0),
        (Cause.RULE_TOO_WIDE, "1", 3.0),
        (Cause.RULE_TOO_WIDE, "2", 3.0),
    ]
    assert sum(line.share for line in found) == pytest.approx(1)
    assert budget([]) == []


def test_weeks_begin_on_monday_where_the_site_is():
    late_sunday = overruled(Cause.JUDGEMENT, "S1.1", 1.0, day=8)
    assert [*by_week([late_sunday], "UTC")] == [date(2026, 3, 2)]
    assert [*by_week([late_sunday], "Asia/Shanghai")] == [date(2026, 3, 9)]


def test_the_exported_card_reads_back_and_holds_no_formula():
    line = CardLine(
        scorecard_id="=cmd|' /C calc'!A0",
        criterion_id="S1.1",
        name=Bilingual(zh="问候语", en='@SUM(A1) "quoted", with comma'),
        level=Level.ASSIST,
        agreement=agreement({("missed", "missed"): 8, ("missed", "met"): 2}),
        humans=None,
        overrides=2,
        causes={Cause.RECOGNITION: 2},
        disputes_decided=0,
        disputes_overturned=0,
        move=next_move(Level.ASSIST, evidence()),
    )
    text = to_csv([line], language="en")
    assert text.startswith("\ufeff")
    row = next(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert row["scorecard"].startswith("'=")
    assert row["name"].startswith("'@")
    assert (row["n"], row["verdict"], row["precision"]) == ("10", "not enough data", "0.8")
    assert "问候语" in to_csv([line], language="zh")


@pytest.mark.parametrize(
    ("cell", "plain"), [("=1+1", "'=1+1"), ("-x", "'-x"), (-1.5, -1.5), ("好=1", "好=1"), ("", "")]
)
def test_cells_that_look_like_formulas_are_text(cell, plain):
    assert safe_cell(cell) == plain
