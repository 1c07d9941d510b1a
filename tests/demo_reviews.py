"""Plausible reviews of the sample calls, written through the real repositories by made-up people."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from qa.access import Person, UserRole
from qa.evaluation import Evaluation, Outcome
from qa.review.assignment import Reviewer, Terms, Waiting, hand_out
from qa.review.calibration import Mark
from qa.review.sampling import Plan, PlanKind
from qa.review.values import Cause, DecisionKind, Draft, Purpose
from qa.store import CallFilter, Store
from scoring.form import form_rules
from scoring.loader import load_scorecard

LEAD = Person(user_id="demo-qa-lead", name="周岚", roles=frozenset({UserRole.QA_LEAD}))
SECOND_LEAD = Person(user_id="qa-lead-2", name="Omar", roles=frozenset({UserRole.QA_LEAD}))
MONITOR = Person(user_id="demo-monitor", name="Priya", roles=frozenset({UserRole.MONITOR}))
MONITOR_2 = Person(user_id="monitor-2", name="郑敏", roles=frozenset({UserRole.MONITOR}))
_RATES = {
    "missed": (0.18, (Cause.RECOGNITION, Cause.RULE_TOO_NARROW, Cause.NA_MISSED)),
    "partial": (0.12, (Cause.RULE_TOO_NARROW, Cause.JUDGEMENT)),
    "met": (0.05, (Cause.RULE_TOO_WIDE, Cause.JUDGEMENT)),
    "not_applicable": (0.04, (Cause.JUDGEMENT,)),
}


def write_reviews(store: Store) -> None:
    """A sample, assignments, reviews, second reviews, releases, disputes, one calibration."""
    rng = random.Random(7)
    plan = Plan(kind=PlanKind.MIXED, seed="2026-W47", per_agent=2, size=8)
    sample = store.samples.draw(LEAD, "Week 47 · 混合抽样", plan, CallFilter())
    waiting = [_waiting(store, pick.call_id, pick.reason) for pick in sample.picks]
    people = [Reviewer(user_id=who.user_id, capacity=12) for who in (MONITOR, MONITOR_2)]
    handed = hand_out(
        waiting,
        people,
        now=datetime.now(UTC),
        terms=Terms(days=3, sample_id=sample.id),
    )
    given = store.assignments.add(LEAD, handed.assignments)
    by_name = {who.user_id: who for who in (MONITOR, MONITOR_2)}
    for assignment in given[:-4]:
        _review(store, by_name[assignment.reviewer], assignment.call_id, rng)
    reviewed = list(given[:-4])
    for assignment in reviewed[:6]:
        other = MONITOR_2 if assignment.reviewer == MONITOR.user_id else MONITOR
        _review(store, other, assignment.call_id, rng, purpose=Purpose.SECOND)
    store.disputes.release(LEAD, [item.call_id for item in reviewed[:8]])
    later = datetime.now(UTC) + timedelta(days=2)
    store.disputes.release(LEAD, [item.call_id for item in reviewed[8:10]], at=later)
    _disputes(store, [item.call_id for item in reviewed[:8]])
    _calibrate(store, [item.call_id for item in reviewed[:2]], rng)


def _waiting(store: Store, call_id: str, reason: object) -> Waiting:
    call = store.calls.get(call_id)
    return Waiting(call_id=call_id, agent_id=call.agent_id, team=call.team, reasons=(reason,))


def _review(
    store: Store,
    who: Person,
    call_id: str,
    rng: random.Random,
    *,
    purpose: Purpose = Purpose.FIRST,
) -> None:
    evaluation = store.evaluations.load(call_id)
    review = store.reviews.open(who, call_id, purpose=purpose)
    seen = store.reviews.versions(call_id)
    for draft in _drafts(evaluation, rng):
        store.reviews.decide(who, review.id, draft, seen=seen.get(draft.subject, 0))
    form = form_rules(load_scorecard(evaluation.scorecard_id))
    store.reviews.accept_rest(who, review.id, form=form)
    active_ms = int(rng.uniform(45, 150) * 1000)
    store.reviews.submit(who, review.id, form=form, active_ms=active_ms)


def _drafts(evaluation: Evaluation, rng: random.Random) -> list[Draft]:
    found = []
    for result in evaluation.results:
        outcome = result.verdict.outcome.value
        if outcome not in _RATES or rng.random() > _RATES[outcome][0]:
            continue
        cause = rng.choice(_RATES[outcome][1])
        kind = DecisionKind.NOT_APPLICABLE if cause == Cause.NA_MISSED else DecisionKind.CHANGE
        other = Outcome.MISSED if outcome == "met" else Outcome.MET
        found.append(
            Draft(
                subject=result.criterion_id,
                kind=kind,
                outcome=other if kind == DecisionKind.CHANGE else None,
                cause=cause,
            )
        )
    found += [
        Draft(subject=finding.code, kind=DecisionKind.CONFIRM)
        if rng.random() < 0.6
        else Draft(subject=finding.code, kind=DecisionKind.REJECT, cause=Cause.RULE_TOO_WIDE)
        for finding in evaluation.findings
    ]
    return found


def _disputes(store: Store, call_ids: list[str]) -> None:
    """Four disputes of agents: one overturned, one upheld, two waiting."""
    texts = ("这句话我说了，请再听一遍录音。", "I did say it, please listen again.")
    opened = []
    for at, call_id in enumerate(call_ids):
        call = store.calls.get(call_id)
        agent = Person(
            user_id=call.agent_id, roles=frozenset({UserRole.AGENT}), agent_id=call.agent_id
        )
        shown = store.reviews.effective(call_id).evaluation
        missed = [r for r in shown.results if r.verdict.outcome == Outcome.MISSED]
        store.disputes.acknowledge(agent, call_id)
        if missed and len(opened) < 4:
            text = texts[0] if store.transcripts.load(call_id).language == "zh" else texts[1]
            opened.append(
                store.disputes.open(
                    agent, call_id, missed[at % len(missed)].criterion_id,
                    comment=text, wished=Outcome.MET,
                )
            )  # fmt: skip
    if len(opened) < 2:
        return
    draft = Draft(
        subject=opened[0].subject,
        kind=DecisionKind.CHANGE,
        outcome=Outcome.MET,
        cause=Cause.RECOGNITION,
    )
    form = form_rules(load_scorecard(opened[0].scorecard_id))
    said = "听过录音，确实说了。"
    store.disputes.decide(SECOND_LEAD, opened[0].id, answer=said, draft=draft, form=form)
    store.disputes.decide(SECOND_LEAD, opened[1].id, answer="Not said in the recording.")


def _calibrate(store: Store, call_ids: list[str], rng: random.Random) -> None:
    raters = [MONITOR, MONITOR_2, LEAD]
    session = store.calibrations.create(
        LEAD,
        "November · 校准会",
        call_ids=call_ids,
        raters=[who.user_id for who in raters],
        due_at=datetime.now(UTC) + timedelta(days=4),
    )
    for who in raters[:2]:
        for call_id in call_ids:
            store.calibrations.submit(who, session.id, call_id, _marks(store, call_id, rng))


def _marks(store: Store, call_id: str, rng: random.Random) -> dict[str, Mark]:
    marks = {}
    for result in store.evaluations.load(call_id).results:
        outcome = result.verdict.outcome
        if outcome == Outcome.NOT_EVALUABLE:
            outcome = Outcome.NOT_APPLICABLE
        if rng.random() < 0.12:
            outcome = rng.choice((Outcome.MET, Outcome.MISSED))
        share = {Outcome.MET: 1.0, Outcome.PARTIAL: 0.5}.get(outcome, 0.0)
        marks[result.criterion_id] = Mark(outcome=outcome, share=share)
    return marks
