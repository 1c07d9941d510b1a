"""What a reviewer does in the player, carried out: every action once, each one checked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from dashboards import review_data
from dashboards.review_console import purpose_here
from dashboards.review_console_rescore import correct, swap_roles
from qa.access import Action, Person, require
from qa.calls import Role
from qa.errors import QaError, ReviewError
from qa.evaluation import Outcome
from qa.form import FormRules
from qa.review.corrections import TurnEdit
from qa.review.diff import EvaluationDiff
from qa.review.values import Cause, ConflictShown, DecisionKind, Draft, Purpose, Review, ReviewState
from qa.store import Store

Translate = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an action led to.

    Attributes:
        tone: `good`, `warn` or `bad`; `""` when there is nothing to say.
        text: For the person.
        diff: After a correction.
        move: -1 or 1 to go to a neighbouring call.
        is_dismissed: The person has read the difference.
    """

    tone: str = ""
    text: str = ""
    diff: EvaluationDiff | None = None
    move: int = 0
    is_dismissed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where an action happens: the store for writing, the person, the call, the words."""

    store: Store
    person: Person
    call_id: str
    t: Translate


def fresh(events: Any, seen: MutableMapping[str, int]) -> list[Mapping[str, Any]]:
    """Events that were not dealt with yet, in order; `seen` is moved on past them.

    The browser repeats its queue until it is acknowledged, so that no key stroke is lost when the
    page is slow; each player numbers its own events.
    """
    found: list[Mapping[str, Any]] = []
    for event in events if isinstance(events, list) else []:
        if not isinstance(event, dict):
            continue
        player, number = str(event.get("player", "")), event.get("n")
        if isinstance(number, int) and number > seen.get(player, 0):
            seen[player] = number
            found.append(event)
    return found


def perform(event: Mapping[str, Any], desk: Desk) -> Done:
    """Carry out one event; what fails is said, never raised."""
    acts: dict[str, Callable[[Mapping[str, Any], Desk], Done]] = {
        "decide": _decide,
        "accept_rest": _accept_rest,
        "submit": _submit,
        "again": _again,
        "edit": _edit,
        "swap": lambda _, at: Done(diff=swap_roles(at.store, at.person, at.call_id)),
        "move": lambda found, _: Done(move=-1 if found.get("to") == "previous" else 1),
        "dismiss": lambda *_: Done(is_dismissed=True),
    }
    act = acts.get(str(event.get("do", "")))
    if act is None:
        return Done()
    try:
        return act(event, desk)
    except QaError as error:
        return Done(tone="bad", text=str(error))


def _decide(event: Mapping[str, Any], desk: Desk) -> Done:
    draft = draft_of(event)
    review = _review(desk)
    seen = event.get("seen")
    saved = desk.store.reviews.decide(
        desk.person,
        review.id,
        draft,
        seen=seen if isinstance(seen, int) else 0,
        form=_form(desk),
    )
    return _told(saved.conflict, desk) if saved.conflict else Done()


def _told(conflict: ConflictShown, desk: Desk) -> Done:
    from dashboards.review_console import decision_text  # noqa: PLC0415

    who = review_data.name_of(conflict.theirs.made_by, desk.store)
    what = decision_text(conflict.theirs, desk.t)
    text = desk.t("console.conflict_met", subject=conflict.subject, who=who, what=what)
    return Done(tone="warn", text=text)


def _accept_rest(event: Mapping[str, Any], desk: Desk) -> Done:
    del event
    made = desk.store.reviews.accept_rest(desk.person, _review(desk).id, form=_form(desk))
    return Done(tone="good", text=desk.t("console.rest_accepted", n=len(made)))


def _submit(event: Mapping[str, Any], desk: Desk) -> Done:
    review = _review(desk)
    spent = event.get("activeMs")
    active_ms = int(spent) if isinstance(spent, (int, float)) else 0
    done = desk.store.reviews.submit(
        desk.person,
        review.id,
        form=_form(desk),
        active_ms=active_ms,
    )
    took = f"{done.active_ms // 60_000}:{done.active_ms // 1000 % 60:02d}"
    return Done(tone="good", text=desk.t("console.submitted_in", time=took))


def _again(event: Mapping[str, Any], desk: Desk) -> Done:
    del event
    require(desk.person, Action.REVIEW)
    desk.store.reviews.open(desk.person, desk.call_id, purpose=_own_purpose(desk))
    return Done()


def _edit(event: Mapping[str, Any], desk: Desk) -> Done:
    turn, text, role = event.get("turn"), event.get("text"), event.get("role")
    if not isinstance(turn, int):
        raise ReviewError("no turn is named", "correction", "reload the call")
    shown = {item.index: item for item in desk.store.transcripts.load(desk.call_id).turns}
    known = shown.get(turn)
    said = text.strip() if isinstance(text, str) else ""
    wanted = Role(role) if role in set(Role) else None
    edit = TurnEdit(
        turn_index=turn,
        text=said if said and (known is None or said != known.text) else None,
        role=wanted if known is None or wanted != known.role else None,
    )
    return Done(diff=correct(desk.store, desk.person, desk.call_id, edit))


def draft_of(event: Mapping[str, Any]) -> Draft:
    """The decision in an event of the browser.

    Raises:
        ReviewError: It names no known kind, outcome or cause.
    """
    try:
        return Draft(
            subject=str(event["subject"]),
            kind=DecisionKind(event["kind"]),
            outcome=Outcome(event["outcome"]) if event.get("outcome") else None,
            cause=Cause(event["cause"]) if event.get("cause") else None,
            comment=str(event.get("comment") or ""),
        )
    except (KeyError, ValueError) as error:
        raise ReviewError("the decision cannot be read", "review", "reload the call") from error


def _form(desk: Desk) -> FormRules:
    return review_data.form_of(desk.store.evaluations.load(desk.call_id).scorecard_id)


def _review(desk: Desk) -> Review:
    """The person's open review, begun with the first decision."""
    mine = _mine(desk)
    if mine and mine[-1].state == ReviewState.OPEN:
        return mine[-1]
    if mine:
        raise ReviewError("the review is submitted already", "review", "begin another one")
    purpose = purpose_here(desk.store, desk.person, desk.call_id)
    return desk.store.reviews.open(desk.person, desk.call_id, purpose=purpose)


def _own_purpose(desk: Desk) -> Purpose:
    mine = _mine(desk)
    given = desk.store.assignments.find(reviewer=desk.person.user_id, call_id=desk.call_id)
    if given or not mine:
        return purpose_here(desk.store, desk.person, desk.call_id)
    return mine[-1].purpose


def _mine(desk: Desk) -> list[Review]:
    made = desk.store.reviews.of_call(desk.call_id)
    return [item for item in made if item.reviewer == desk.person.user_id]
