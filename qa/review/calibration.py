"""Calibration: the same calls scored blind by several people, the machine as one more rater.

Nothing here touches live scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from qa.evaluation import Evaluation, Outcome

#: Name of the machine among the raters; no account can have it.
MACHINE = "*machine*"


class CalibrationState(StrEnum):
    """Where a session stands."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One rater's word on one criterion."""

    outcome: Outcome
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One rater's blind form of one call. `marks`: criterion id → mark."""

    call_id: str
    rater: str
    marks: Mapping[str, Mark]
    comment: str = ""
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A session.

    Attributes:
        expert: Rater whose forms are the baseline; `""` for the majority.
        evaluations: Call id → evaluation that stands for the machine.
    """

    id: int
    name: str
    expert: str
    with_machine: bool
    note: str
    state: CalibrationState
    made_by: str
    made_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    evaluations: Mapping[str, int]
    raters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterResult:
    """How one rater compares with the baseline.

    Attributes:
        n: Criteria on which both said something.
        agreement: Share of `n` with the same outcome; None without any.
        alignment: 1 − mean |difference of share|, where both judged; None without any.
        leniency: Mean share minus the baseline's: above 0 is more generous.
    """

    rater: str
    calls: int
    n: int
    agreement: float | None
    alignment: float | None
    leniency: float | None


def machine_form(evaluation: Evaluation) -> Form:
    """What the machine would have handed in."""
    return Form(
        call_id=evaluation.call_id,
        rater=MACHINE,
        marks={
            result.criterion_id: Mark(outcome=result.verdict.outcome, share=result.verdict.share)
            for result in evaluation.results
        },
    )


def visible_forms(
    session: Calibration, forms: Sequence[Form], viewer: str, *, may_run: bool
) -> list[Form]:
    """The forms a person may see: her own, and of a call she has handed in herself, all.

    Who runs the session but does not rate sees everything; raters never see ahead, whoever they
    are, until the session is closed.
    """
    if session.state == CalibrationState.CLOSED:
        return list(forms)
    if may_run and viewer not in session.raters:
        return list(forms)
    handed_in = {form.call_id for form in forms if form.rater == viewer}
    return [form for form in forms if form.rater == viewer or form.call_id in handed_in]


def baseline(session: Calibration, forms: Sequence[Form]) -> dict[tuple[str, str], Mark]:
    """(call, criterion) → the mark that counts as right: the expert's, else the majority's.

    The majority is of people only (the machine is measured, it does not vote). A tie has no
    baseline, and neither has a criterion that one person alone has marked.
    """
    people = [form for form in forms if form.rater != MACHINE]
    if session.expert:
        return {
            (form.call_id, name): mark
            for form in people
            if form.rater == session.expert
            for name, mark in form.marks.items()
        }
    votes: dict[tuple[str, str], list[Mark]] = {}
    for form in people:
        for name, mark in form.marks.items():
            votes.setdefault((form.call_id, name), []).append(mark)
    found = {key: _majority(marks) for key, marks in votes.items()}
    return {key: mark for key, mark in found.items() if mark is not None}


def _majority(marks: Sequence[Mark]) -> Mark | None:
    counts = Counter(mark.outcome for mark in marks).most_common(2)
    if counts[0][1] < 2 or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return None
    outcome = counts[0][0]
    shares = [mark.share for mark in marks if mark.outcome == outcome]
    return Mark(outcome=outcome, share=sum(shares) / len(shares))


def rater_results(session: Calibration, forms: Sequence[Form]) -> list[RaterResult]:
    """Every rater against the baseline, by name, the machine last; the expert is left out.

    Where the majority is the baseline, it is that of the others: who votes on what she is measured
    with would always look right.
    """
    raters = sorted({form.rater for form in forms} - {session.expert})
    raters.sort(key=lambda name: name == MACHINE)
    found = []
    for rater in raters:
        others = [form for form in forms if form.rater != rater]
        own = [form for form in forms if form.rater == rater]
        found.append(_result(rater, own, baseline(session, others)))
    return found


def _result(
    rater: str, forms: Sequence[Form], right: Mapping[tuple[str, str], Mark]
) -> RaterResult:
    pairs = [
        (mark, right[form.call_id, name])
        for form in forms
        for name, mark in form.marks.items()
        if (form.call_id, name) in right
    ]
    judged = [(a.share, b.share) for a, b in pairs if _is_judged(a) and _is_judged(b)]
    return RaterResult(
        rater=rater,
        calls=len(forms),
        n=len(pairs),
        agreement=_mean([float(a.outcome == b.outcome) for a, b in pairs]),
        alignment=_mean([1 - abs(a - b) for a, b in judged]),
        leniency=_mean([a - b for a, b in judged]),
    )


def _is_judged(mark: Mark) -> bool:
    return mark.outcome in (Outcome.MET, Outcome.PARTIAL, Outcome.MISSED)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
