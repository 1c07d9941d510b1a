"""What the call page knows about the review of a call, as plain JSON for the player."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboards import frame, review_data
from qa.access import Action, Person, may
from qa.calls import Call
from qa.errors import AccessDeniedError
from qa.evaluation import CriticalFinding, Evaluation
from qa.review.autonomy import START, Level, standing
from qa.review.diff import EvaluationDiff
from qa.review.effective import Effective
from qa.review.values import Cause, Decision, Purpose, Review, ReviewState
from qa.review.work import Assignment
from qa.store import Store
from qa.store.review_rows import CallFacts, forbid_own

Translate = Callable[..., str]
Chip = Callable[[Any, Translate], dict[str, Any]]

OUTCOMES = ("met", "partial", "missed")
#: Texts of `console.*` that the player shows.
LABELS = (
    *(
        "accept",
        "change",
        "not_applicable",
        "comment",
        "confirm",
        "reject",
        "submit",
        "accept_rest",
    ),
    *("choose_outcome", "choose_cause", "cancel", "save", "comment_hint", "help", "edit", "swap"),
    *("swap_sure", "speaker", "saving", "auto_fails", "machine", "after_review", "waiting", "done"),
    *(
        "conflict",
        "next",
        "previous",
        "again",
        "evidence_next",
        "criterion_next",
        "measured",
        "time",
    ),
    *(
        "turn_edit",
        "rest_hint",
        "dismiss",
        "nothing_waits",
        "play_pause",
        "criterion_previous",
        "submitted",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The review of one call through one person's eyes.

    Attributes:
        can_review: This person may decide here now.
        review: The person's own newest review, None before the first decision.
        assignment: The open assignment that brought the person here.
        levels: Criterion → rung of the autonomy ladder, where it was ever moved.
        names: User id → name, of everybody who decided something.
        notices: What the last actions led to, for the person to read.
        diff: What a correction changed, until the person dismisses it.
        acknowledged: Player → number of its last action that was dealt with.
        position: Place in the list that is worked through, and its length.
    """

    person: Person
    can_review: bool
    effective: Effective | None = None
    decisions: tuple[Decision, ...] = ()
    review: Review | None = None
    assignment: Assignment | None = None
    levels: Mapping[str, Level] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[dict[str, str], ...] = ()
    diff: EvaluationDiff | None = None
    acknowledged: Mapping[str, int] = field(default_factory=dict)
    position: tuple[int, int] = (0, 0)

    @property
    def is_submitted(self) -> bool:
        """The person's newest review is closed."""
        return self.review is not None and self.review.state == ReviewState.SUBMITTED


def may_review(person: Person, call: Call) -> bool:
    """The right to review, and not one's own call nor one of the team one leads."""
    facts = CallFacts(call_id=call.id, agent_id=call.agent_id, team=call.team)
    try:
        forbid_own(person, facts)
    except AccessDeniedError:
        return False
    return may(person, Action.REVIEW)


def purpose_here(opened: Store, person: Person, call_id: str) -> Purpose:
    """What a review by this person would be: as assigned, else a second one after somebody's."""
    given = opened.assignments.find(reviewer=person.user_id, call_id=call_id)
    if given:
        return given[0].purpose
    others = [item for item in opened.reviews.of_call(call_id) if item.reviewer != person.user_id]
    return (
        Purpose.SECOND if any(r.state == ReviewState.SUBMITTED for r in others) else Purpose.FIRST
    )


def load_console(
    opened: Store, person: Person, call: Call, evaluation: Evaluation | None, **shown: Any
) -> Console:
    """Everything about the review of a call, freshly read: two people may be at it.

    Args:
        opened: The store through the person's eyes.
        person: Who looks.
        call: The call.
        evaluation: Its current evaluation, None before it is scored.
        shown: `notices`, `diff`, `acknowledged`, `position` of the session.
    """
    if evaluation is None:
        return Console(person=person, can_review=False, **shown)
    found = review_data.counting(evaluation, opened)
    levels = opened.autonomy.known(evaluation.scorecard_id)
    if not may(person, Action.REVIEW):
        return Console(person=person, can_review=False, effective=found, levels=levels, **shown)
    decisions = tuple(opened.reviews.decisions(call.id))
    mine = [item for item in opened.reviews.of_call(call.id) if item.reviewer == person.user_id]
    given = opened.assignments.find(reviewer=person.user_id, call_id=call.id)
    return Console(
        person=person,
        can_review=may_review(person, call),
        effective=found,
        decisions=decisions,
        review=mine[-1] if mine else None,
        assignment=given[0] if given else None,
        levels=levels,
        names={who: review_data.name_of(who, opened) for who in {d.made_by for d in decisions}},
        **shown,
    )


def console_data(console: Console, language: str, t: Translate, *, chip: Chip) -> dict[str, Any]:
    """The `review` part of the player's data; empty for who does not review."""
    found = console.effective
    if found is None or not may(console.person, Action.REVIEW):
        return {}
    machine = found.machine
    return {
        "canReview": console.can_review and not console.is_submitted,
        "canAgain": console.can_review and console.is_submitted,
        "subjects": _subjects(console, t),
        "findings": [_finding(item, language, t, chip) for item in machine.findings],
        "machine": score_text(machine.quality_percent, machine.band, t),
        "after": score_text(found.final_percent, found.final_band, t),
        "isChanged": bool(found.decided),
        "waiting": list(found.waiting),
        "causes": [{"id": c.value, "label": t(f"cause.{c.value}")} for c in Cause],
        "outcomes": [{"id": name, "label": t(f"outcome.{name}")} for name in OUTCOMES],
        "roles": [{"id": r, "label": t(f"role.{r}")} for r in ("agent", "customer", "system")],
        "why": _why(console.assignment, t),
        "activeMs": console.review.active_ms if console.review and console.is_submitted else 0,
        "notices": list(console.notices),
        "diff": diff_data(console.diff, language, t) if console.diff else None,
        "ack": dict(console.acknowledged),
        "at": console.position[0],
        "of": console.position[1],
        "position": f"{console.position[0]} / {console.position[1]}" if console.position[1] else "",
        "text": {name: t(f"console.{name}") for name in LABELS},
    }


def trust_data(console: Console, language: str) -> dict[str, str]:
    """Criterion → how far its verdict is to be trusted; nothing where a person has said it."""
    found = console.effective
    if found is None:
        return {}
    marks = {}
    for name in {r.criterion_id for r in found.machine.results} - found.decided.keys():
        if word := standing(console.levels.get(name, START)):
            marks[name] = word.in_language(language)
    return marks


def score_text(percent: float | None, band: str, t: Translate) -> str:
    """`86.3 B`, or that a person is needed."""
    return t("call.no_score") if percent is None else f"{percent:.1f} {band}".strip()


def _why(assignment: Assignment | None, t: Translate) -> str:
    if assignment is None:
        return ""
    return " · ".join(t(f"pick_reason.{reason.value}") for reason in assignment.reasons)


def _subjects(console: Console, t: Translate) -> dict[str, Any]:
    assert console.effective is not None
    found = console.effective
    after = {r.criterion_id: r.verdict.outcome.value for r in found.evaluation.results}
    after |= {f.code: f.state.value for f in found.evaluation.findings}
    clashing = {item.subject for item in found.conflicts}
    rows = {}
    for subject, outcome in after.items():
        made = [item for item in console.decisions if item.subject == subject]
        rows[subject] = {
            "version": max((item.version for item in made), default=0),
            "outcome": outcome,
            "isDecided": subject in found.decided,
            "isConflict": subject in clashing,
            "said": [_said(item, console, t) for item in made],
        }
    return rows


def _said(item: Decision, console: Console, t: Translate) -> dict[str, Any]:
    assert console.effective is not None
    counts = console.effective.decided.get(item.subject)
    return {
        "who": console.names.get(item.made_by, item.made_by),
        "what": decision_text(item, t),
        "note": item.comment,
        "counts": counts is not None and counts.id == item.id,
        "isConflict": item.conflict_with is not None,
    }


def decision_text(item: Decision, t: Translate) -> str:
    """`Missed · rule too wide`: what a person decided, and why the machine was wrong."""
    kind = t(f"console.did_{item.kind.value}")
    parts = [kind]
    if item.outcome is not None and item.kind.value == "change":
        parts.append(t(f"outcome.{item.outcome.value}"))
    if item.cause is not None:
        parts.append(t(f"cause.{item.cause.value}"))
    return " · ".join(parts)


def _finding(item: CriticalFinding, language: str, t: Translate, chip: Chip) -> dict[str, Any]:
    return {
        "id": item.code,
        "name": item.name.in_language(language),
        "outcome": item.state.value,
        "outcomeLabel": t(f"call.state_{item.state.value}"),
        "isFinding": True,
        "evidence": [chip(clip, t) for clip in item.evidence],
        "reason": t("console.finding_hint", confidence=f"{item.confidence:.0%}"),
        "review": True,
        "points": "",
        "measured": [],
    }


def diff_data(diff: EvaluationDiff, language: str, t: Translate) -> dict[str, Any]:
    """What a correction changed, line by line."""
    before = score_text(diff.quality_before, diff.band_before, t)
    after = score_text(diff.quality_after, diff.band_after, t)
    points = f" ({diff.points:+.1f})" if diff.points else ""
    lines = [
        f"{row.criterion_id} {row.name.in_language(language)}: "
        f"{_outcome(row.before, t)} → {_outcome(row.after, t)}"
        for row in diff.criteria
    ]
    lines += [t("console.finding_gone", code=code) for code in diff.findings_gone]
    lines += [t("console.finding_new", code=code) for code in diff.findings_new]
    title = t("console.diff_none") if diff.is_empty else t("console.diff")
    return {"title": title, "score": f"{before} → {after}{points}", "lines": lines}


def _outcome(name: str, t: Translate) -> str:
    return t(f"outcome.{name}") if name else "–"


def viewer_console(
    opened: Store, call: Call, evaluation: Evaluation | None, **shown: Any
) -> Console:
    """The console of whoever looks at this page."""
    return load_console(opened, frame.viewer(), call, evaluation, **shown)
