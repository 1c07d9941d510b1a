"""Draws, calibration and levels in the store, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qa import codec
from qa.access import Person, UserRole
from qa.audit import parse_head
from qa.errors import AccessDeniedError, ReviewError
from qa.evaluation import Outcome
from qa.review.agreement import agreement
from qa.review.autonomy import Evidence, Level
from qa.review.calibration import MACHINE, Mark
from qa.review.disputes import DisputeState
from qa.review.estimate import hajek_mean
from qa.review.sampling import Plan, PlanKind
from qa.review.values import Cause, DecisionKind, Draft
from qa.review.work import NewAssignment, SkipReason
from qa.store import CallFilter
from qa.store.closing import close_night, closing_of
from qa.store.review_card import evidence_now, report_card
from qa.store.review_figures import Period
from tests.builders import NOON, Clock, add_call, make_evaluation, make_finding

MEI = Person(user_id="mei", roles=frozenset({UserRole.MONITOR}))
TOM = Person(user_id="tom", roles=frozenset({UserRole.MONITOR}))
LEAD = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))
PLAN = Plan(kind=PlanKind.RANDOM, seed="w1", per_agent=2)


@pytest.fixture
def desk(open_store):
    """Eight scored calls of two agents; one suspected."""
    store = open_store(now=Clock())
    for at in range(8):
        name = f"k{at}"
        add_call(store, name, agent_id=f"A{at % 2}")
        findings = (make_finding(),) if at == 5 else ()
        store.evaluations.save(make_evaluation(f"call-{name}", 60.0 + 5 * at, findings=findings))
    return store


def review(store, who, call_id):
    opened = store.reviews.open(who, call_id)
    for finding in store.evaluations.load(call_id).findings:
        store.reviews.decide(who, opened.id, Draft(subject=finding.code, kind=DecisionKind.CONFIRM))
    store.reviews.accept_rest(who, opened.id)
    return store.reviews.submit(who, opened.id, active_ms=90_000)


def test_a_draw_is_kept_with_all_that_is_needed_to_repeat_it(desk):
    preview = desk.samples.preview(LEAD, PLAN, CallFilter())
    sample = desk.samples.draw(LEAD, " Week 1 ", PLAN, CallFilter())
    calls = desk.calls.find()
    first, last = (moment(call.happened_at for call in calls) for moment in (min, max))
    picked = {pick.call_id for pick in sample.picks}
    assert desk.samples.drawn(first, last + timedelta(seconds=1)) == picked
    assert desk.samples.drawn(last + timedelta(seconds=1), last + timedelta(days=1)) == set()
    assert sample == desk.samples.get(sample.id)
    assert (sample.name, sample.population, sample.plan) == ("Week 1", 8, PLAN)
    assert sample.picks == preview.picks
    assert {pick.inclusion for pick in sample.picks} == {0.5}
    with pytest.raises(AccessDeniedError):
        desk.samples.draw(MEI, "mine", PLAN, CallFilter())
    with pytest.raises(ReviewError, match="no name"):
        desk.samples.draw(LEAD, " ", PLAN, CallFilter())


def test_a_suspected_call_is_riskier_and_a_reviewed_one_is_not_drawn_again(desk):
    found = {item.call_id: item for item in desk.samples.candidates(CallFilter())}
    assert [name for name, item in found.items() if item.suspect] == ["call-k5"]
    assert found["call-k5"].risk > found["call-k4"].risk
    assert all(0 <= item.risk <= 1 and 0 <= item.uncertainty <= 1 for item in found.values())
    review(desk, MEI, "call-k5")
    assert "call-k5" not in {c.call_id for c in desk.samples.candidates(CallFilter())}


def test_skips_are_counted_and_replaced_from_the_same_stratum(desk):
    sample = desk.samples.draw(LEAD, "w", PLAN, CallFilter())
    first = sample.picks[0]
    new = NewAssignment(call_id=first.call_id, reviewer="mei", sample_id=sample.id)
    (given,) = desk.assignments.add(LEAD, [new])
    with pytest.raises(ReviewError, match="not skipped"):
        desk.samples.replace(MEI, sample.id, first.call_id)
    desk.assignments.skip(MEI, given.id, SkipReason.NO_AUDIO)
    pick = desk.samples.replace(MEI, sample.id, first.call_id)
    assert (pick.stratum, pick.inclusion) == (first.stratum, first.inclusion)
    with pytest.raises(ReviewError, match="replaced already"):
        desk.samples.replace(MEI, sample.id, first.call_id)
    (skip,) = desk.samples.skips(sample.id)
    assert (skip.made_by, skip.reason, skip.replaced_by) == (
        "mei",
        SkipReason.NO_AUDIO,
        pick.call_id,
    )


def test_reviewed_picks_give_a_weighted_estimate(desk):
    sample = desk.samples.draw(LEAD, "w", PLAN, CallFilter())
    for pick in sample.picks:
        review(desk, MEI, pick.call_id)
    found = desk.samples.observations(sample.id)
    assert len(found) == 4
    assert hajek_mean(found).value == pytest.approx(sum(o.value for o in found) / 4)
    assert desk.disputes.unreleased()[0][1] == "mei"
    desk.disputes.release(LEAD, [sample.picks[0].call_id])
    assert len(desk.disputes.unreleased()) == 3
    assert [r.call_id for r in desk.disputes.newest()] == [sample.picks[0].call_id]


def test_blind_forms_go_in_once_and_complete(desk):
    calls = ["call-k0", "call-k1"]
    session = desk.calibrations.create(LEAD, "c", call_ids=calls, raters=["mei", "tom"])
    marks = {name: Mark(outcome=Outcome.MET, share=1.0) for name in ("S1.1", "S1.2")}
    with pytest.raises(ReviewError, match="not marked"):
        desk.calibrations.submit(MEI, session.id, calls[0], {"S1.1": marks["S1.1"]})
    desk.calibrations.submit(MEI, session.id, calls[0], marks)
    with pytest.raises(ReviewError, match="handed in before"):
        desk.calibrations.submit(MEI, session.id, calls[0], marks)
    assert {f.rater for f in desk.calibrations.forms(MEI, session.id)} == {"mei", MACHINE}
    assert desk.calibrations.forms(TOM, session.id) == []
    assert desk.calibrations.progress(session.id) == {"mei": 1, "tom": 0}
    assert desk.reviews.decisions(calls[0]) == []
    desk.calibrations.close(LEAD, session.id)
    assert len(desk.calibrations.forms(TOM, session.id)) == 3
    with pytest.raises(ReviewError, match="closed"):
        desk.calibrations.submit(TOM, session.id, calls[0], marks)


def test_the_report_card_and_the_budget_are_made_from_decisions(desk):
    for at in range(8):
        review(desk, MEI, f"call-k{at}")
    wrong = Draft(
        subject="S1.2", kind=DecisionKind.CHANGE, outcome=Outcome.MET, cause=Cause.RULE_TOO_WIDE
    )
    opened = desk.reviews.open(TOM, "call-k0")
    desk.reviews.decide(TOM, opened.id, wrong, seen=1)
    card = report_card(desk, Period(scorecard_id="service-standard"))
    lines = {line.criterion_id: line for line in card}
    assert [*lines] == ["S1.1", "S1.2"]
    assert lines["S1.2"].agreement.precision.value == pytest.approx(7 / 8)
    assert lines["S1.2"].causes == {Cause.RULE_TOO_WIDE: 1}
    assert lines["S1.2"].humans.n == 1
    (override,) = desk.review_figures.overrides(NOON, NOON + timedelta(days=1))
    assert (override.points, override.scorecard_version) == (4.0, "1")
    (times,) = desk.review_figures.review_times(NOON, NOON + timedelta(days=1))
    assert (times.reviewer, set(times.seconds)) == ("mei", {90.0})


def test_a_level_is_not_given_without_evidence(desk):
    review(desk, MEI, "call-k0")
    known = evidence_now(desk, "service-standard")
    with pytest.raises(ReviewError, match="not earned"):
        desk.autonomy.set(
            LEAD, "service-standard", "S1.2", Level.AUDIT, evidence=known["S1.2"], reason="hurry"
        )
    desk.autonomy.set(
        LEAD, "service-standard", "S1.2", Level.OFF, evidence=known["S1.2"], reason="broken"
    )
    assert desk.autonomy.level("service-standard", "S1.2") == Level.OFF
    assert desk.autonomy.level("service-standard", "S1.1") == Level.ASSIST
    assert desk.autonomy.demote_fallen("service-standard", known) == []
    assert desk.autonomy.history("service-standard")[0].reason == "broken"


def test_the_end_of_a_night_takes_trust_away_and_lets_disputes_expire(desk):
    earned = Evidence(agreement=agreement({("missed", "missed"): 200}), overrides=0)
    desk.autonomy.set(
        LEAD, "service-standard", "S1.2", Level.AUDIT, evidence=earned, reason="earned"
    )
    assert close_night(desk).demoted == ()
    desk.disputes.release(LEAD, ["call-k0"])
    agent = Person(user_id="A0", agent_id="A0", roles=frozenset({UserRole.AGENT}))
    dispute = desk.disputes.open(agent, "call-k0", "S1.2", comment="no")
    wrong = Draft(
        subject="S1.2", kind=DecisionKind.CHANGE, outcome=Outcome.MET, cause=Cause.RULE_TOO_WIDE
    )
    desk.database.now.pass_seconds(30 * 86_400)
    for at in range(8):
        opened = desk.reviews.open(MEI, f"call-k{at}")
        desk.reviews.decide(MEI, opened.id, wrong)
    found = close_night(desk)
    assert found.demoted == ("service-standard S1.2 assist",)
    assert found.expired == 1
    assert desk.disputes.get(dispute.id).state == DisputeState.EXPIRED
    assert desk.audit.verify(parse_head(found.audit_head)) == []
    assert closing_of(codec.to_json(found)) == found
    again = close_night(desk)
    assert (again.demoted, again.expired) == ((), 0)
