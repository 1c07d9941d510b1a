"""What counts after people have decided: same arithmetic as the engine, nothing overwritten."""

from datetime import timedelta

import pytest

from qa.errors import ReviewError
from qa.evaluation import CriticalState, EvaluationState, Outcome
from qa.form import FormRules
from qa.review.diff import compare
from qa.review.drafts import settle
from qa.review.effective import effective
from qa.review.silence import silence
from qa.review.values import Cause, Decision, DecisionKind, Draft
from tests.builders import NOON, make_evaluation, make_finding, make_result

RESULTS = (
    make_result("S1.1"),
    make_result("S1.2", Outcome.MISSED, 0.0, review=True),
    make_result("S1.3", Outcome.PARTIAL, 0.5, weight=2.0),
    make_result("S1.4", Outcome.NOT_APPLICABLE, 0.0, weight=2.0),
)


def evaluation(**changes):
    return make_evaluation(results=RESULTS, scorecard_version="1", **changes)


def decide(subject, kind, *, version=1, by="mei", on=None, **facts):
    """A stored decision, as the store would make it."""
    draft = Draft(subject=subject, kind=DecisionKind(kind), **facts)
    on = on or evaluation(findings=(make_finding(),))
    settled = settle(draft, on)
    return Decision(
        id=version,
        review_id=1,
        call_id=on.call_id,
        evaluation_id=1,
        scorecard_id=on.scorecard_id,
        scorecard_version=on.scorecard_version,
        digest=on.digest,
        subject=subject,
        version=version,
        kind=draft.kind,
        outcome=settled.outcome,
        share=settled.share,
        machine_outcome=settled.machine.outcome,
        machine_share=settled.machine.share,
        machine_confidence=0.9,
        overrides=settled.overrides,
        cause=draft.cause,
        comment=draft.comment,
        clip_ms=draft.clip_ms,
        conflict_with=None,
        round=0,
        made_by=by,
        made_at=NOON + timedelta(seconds=version),
    )


def test_a_silent_criterion_takes_its_points_evidence_and_suspicions_along():
    machine = evaluation(findings=(make_finding(criterion_id="S1.2"),))
    assert silence(machine, {"S9.9"}) is machine
    quiet = silence(machine, {"S1.2"}, FormRules(minimum_weight=0, minimum_coverage=0))
    assert quiet.findings == ()
    by_id = {r.criterion_id: r for r in quiet.results}
    assert by_id["S1.2"].verdict.outcome == Outcome.NOT_EVALUABLE
    assert by_id["S1.1"] == machine.results[0]
    assert quiet.coverage < 1
    assert quiet.quality_percent > effective(machine, []).evaluation.quality_percent
    kept = silence(machine, {"S1.2"})
    assert kept.quality_percent == machine.quality_percent


def test_without_decisions_the_machine_stands():
    machine = evaluation()
    found = effective(machine, [])
    assert found.evaluation is machine
    assert found.waiting == ("S1.2",)


def test_a_changed_verdict_moves_the_score_and_leaves_the_machine_alone():
    machine = evaluation()
    change = decide(
        "S1.2", "change", outcome=Outcome.MET, cause=Cause.RECOGNITION, comment="听得到"
    )
    found = effective(machine, [change])
    # 4 + 4 + 1 of 10
    assert found.evaluation.quality_percent == 90.0
    assert found.evaluation.band == "A"
    assert found.machine.quality_percent == 80.0
    verdict = found.evaluation.results[1].verdict
    assert (verdict.outcome, verdict.confidence, verdict.review) == (Outcome.MET, 1.0, False)
    assert "mei" in verdict.reason.zh
    assert "听得到" in verdict.reason.zh
    assert found.waiting == ()


def test_not_applicable_leaves_the_denominator():
    found = effective(evaluation(), [decide("S1.2", "not_applicable", cause=Cause.NA_MISSED)])
    # 4 + 1 of 6
    assert found.evaluation.quality_percent == pytest.approx(83.33)
    assert found.evaluation.results[1].applied_weight == 0


def test_the_latest_decision_counts_whatever_the_order_it_is_read_in():
    first = decide("S1.2", "change", outcome=Outcome.MET, cause=Cause.JUDGEMENT)
    second = decide("S1.2", "accept", version=2, by="lead")
    for order in ([first, second], [second, first]):
        assert effective(evaluation(), order).evaluation.quality_percent == 50.0


def test_a_comment_decides_nothing():
    found = effective(evaluation(), [decide("S1.2", "comment", comment="look again")])
    assert found.waiting == ("S1.2",)


def test_confirming_an_auto_fail_fails_the_call_and_rejecting_clears_it():
    machine = evaluation(findings=(make_finding(),), critical={"customer_critical": "suspected"})
    confirmed = effective(machine, [decide("AF-3", "confirm")])
    assert confirmed.final_percent == 0.0
    assert confirmed.evaluation.quality_percent == 50.0
    assert confirmed.evaluation.critical["customer_critical"] == "fail"
    rejected = effective(machine, [decide("AF-3", "reject", cause=Cause.RULE_TOO_WIDE)])
    assert rejected.final_percent == rejected.evaluation.if_confirmed_percent == 50.0
    assert rejected.evaluation.findings[0].state == CriticalState.REJECTED
    assert rejected.evaluation.critical["customer_critical"] == "pass"


@pytest.mark.parametrize(("scope", "final"), [("call", 0.0), ("cap:40", 40.0), ("section", 0.0)])
def test_the_scope_of_an_auto_fail_is_the_scorecards(scope, final):
    machine = evaluation(findings=(make_finding(),))
    form = FormRules(auto_fails={"AF-3": scope})
    assert effective(machine, [decide("AF-3", "confirm")], form).final_percent == final


def test_too_little_that_could_be_judged_gives_no_score():
    decisions = [
        decide(name, "change", version=at, outcome=Outcome.NOT_EVALUABLE, cause=Cause.RECOGNITION)
        for at, name in enumerate(("S1.1", "S1.2"), 1)
    ]
    found = effective(evaluation(), decisions)
    assert found.evaluation.state == EvaluationState.NEEDS_PERSON
    assert found.evaluation.quality_percent is found.final_percent is None


def test_words_about_another_version_of_the_form_do_not_count():
    other = make_evaluation(results=RESULTS, scorecard_version="2")
    old = decide("S1.2", "change", outcome=Outcome.MET, cause=Cause.JUDGEMENT)
    assert effective(other, [old]).decided == {}


def test_accepting_what_the_machine_said_then_is_not_accepting_what_it_says_now():
    accepted = decide("S1.2", "accept")
    now_met = make_evaluation(results=(RESULTS[0], make_result("S1.2", review=True)))
    assert effective(now_met, [accepted]).waiting == ("S1.2",)
    changed = decide("S1.2", "change", outcome=Outcome.MET, cause=Cause.JUDGEMENT)
    assert effective(now_met, [changed]).waiting == ()


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (Draft(subject="S9.9", kind=DecisionKind.ACCEPT), "not part of"),
        (Draft(subject="S1.1", kind=DecisionKind.CHANGE), "changed to nothing"),
        (
            Draft(subject="S1.1", kind=DecisionKind.CHANGE, outcome=Outcome.MISSED),
            "without a cause",
        ),
        (Draft(subject="S1.1", kind=DecisionKind.NOT_APPLICABLE), "without a cause"),
        (Draft(subject="S1.1", kind=DecisionKind.COMMENT, comment="  "), "empty"),
        (Draft(subject="S1.1", kind=DecisionKind.COMMENT, comment="x" * 4001), "longer than"),
        (Draft(subject="S1.1", kind=DecisionKind.CONFIRM), "accepted, changed"),
        (Draft(subject="AF-3", kind=DecisionKind.ACCEPT), "confirmed or rejected"),
        (Draft(subject="AF-3", kind=DecisionKind.REJECT), "without a cause"),
        (
            Draft(
                subject="S1.1",
                kind=DecisionKind.CHANGE,
                outcome=Outcome.PARTIAL,
                share=1.0,
                cause=Cause.JUDGEMENT,
            ),
            "does not fit",
        ),
    ],
)
def test_incomplete_decisions_are_refused(draft, message):
    with pytest.raises(ReviewError, match=message):
        settle(draft, evaluation(findings=(make_finding(),)))


def test_judging_what_the_machine_could_not_hear_overrules_nothing():
    blind = make_evaluation(results=(make_result("S1.1", Outcome.NOT_EVALUABLE, 0.0),))
    draft = Draft(subject="S1.1", kind=DecisionKind.CHANGE, outcome=Outcome.MISSED)
    assert not settle(draft, blind).overrides


def test_a_diff_names_what_changed_and_nothing_else():
    before = evaluation(findings=(make_finding(),))
    after = make_evaluation(
        quality=90.0, band="A", results=(RESULTS[0], make_result("S1.2"), *RESULTS[2:])
    )
    found = compare(before, after)
    assert [(d.criterion_id, d.before, d.after) for d in found.criteria] == [
        ("S1.2", "missed", "met")
    ]
    assert (found.points, found.findings_gone, found.findings_new) == (10.0, ("AF-3",), ())
    assert compare(before, before).is_empty
