"""What a decision must say to be saved, and what it then means."""

from __future__ import annotations

from dataclasses import dataclass

from qa.errors import ReviewError
from qa.evaluation import Evaluation, Outcome
from qa.review.values import SUSPICIONS, DecisionKind, Draft, Machine, machine_view

_SHARES = {Outcome.MET: 1.0, Outcome.PARTIAL: 0.5, Outcome.MISSED: 0.0}
_ON_FINDINGS = (DecisionKind.CONFIRM, DecisionKind.REJECT)
#: Differences of credit below this are rounding, not opinion.
_SAME = 0.005
MAX_COMMENT = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A checked draft: what will count, and whether it overrules the machine."""

    outcome: Outcome | None
    share: float | None
    overrides: bool
    machine: Machine


def settle(draft: Draft, evaluation: Evaluation) -> Settled:
    """Check a draft against the evaluation it is about.

    Raises:
        ReviewError: Unknown subject, a kind that does not fit it, a missing outcome, cause or
            comment, or a share outside its outcome.
    """
    machine = machine_view(evaluation, draft.subject)
    if machine is None:
        raise _refused(draft, "is not part of this evaluation", "reload the call")
    is_finding = machine.outcome in SUSPICIONS
    if draft.kind != DecisionKind.COMMENT and is_finding != (draft.kind in _ON_FINDINGS):
        what = "confirmed or rejected" if is_finding else "accepted, changed or not applicable"
        raise _refused(draft, f"can only be {what}", "choose one of these")
    if len(draft.comment) > MAX_COMMENT:
        raise _refused(draft, f"the comment is longer than {MAX_COMMENT}", "shorten it")
    if draft.kind == DecisionKind.COMMENT and not draft.comment.strip():
        raise _refused(draft, "the comment is empty", "write it, or accept")
    outcome, share = _outcome(draft, machine, is_finding=is_finding)
    overrides = _overrides(draft, machine, outcome, share)
    if overrides and draft.cause is None:
        raise _refused(draft, "overrules the machine without a cause", "say what went wrong")
    return Settled(outcome=outcome, share=share, overrides=overrides, machine=machine)


def _outcome(
    draft: Draft, machine: Machine, *, is_finding: bool
) -> tuple[Outcome | None, float | None]:
    if is_finding or draft.kind == DecisionKind.COMMENT:
        return None, None
    if draft.kind == DecisionKind.ACCEPT:
        return Outcome(machine.outcome), machine.share
    if draft.kind == DecisionKind.NOT_APPLICABLE:
        return Outcome.NOT_APPLICABLE, 0.0
    if draft.outcome is None:
        raise _refused(draft, "is changed to nothing", "choose the outcome")
    share = draft.share if draft.share is not None else _SHARES.get(draft.outcome, 0.0)
    if not _fits(draft.outcome, share):
        raise _refused(
            draft,
            f"share {share:g} does not fit {draft.outcome.value}",
            "met is 1, missed is 0, partly met lies between",
        )
    return draft.outcome, share


def _fits(outcome: Outcome, share: float) -> bool:
    if outcome == Outcome.PARTIAL:
        return 0.0 < share < 1.0
    return share == _SHARES.get(outcome, 0.0)


def _overrides(
    draft: Draft, machine: Machine, outcome: Outcome | None, share: float | None
) -> bool:
    if draft.kind == DecisionKind.REJECT:
        # a candidate was only ever a question: answering no overrules nothing
        return machine.outcome == "suspected"
    if outcome is None or share is None or machine.outcome == Outcome.NOT_EVALUABLE:
        return False
    if outcome.value != machine.outcome:
        return True
    return outcome == Outcome.PARTIAL and abs(share - machine.share) > _SAME


def _refused(draft: Draft, message: str, remedy: str) -> ReviewError:
    return ReviewError(f"{draft.subject} {message}", "review", remedy)
