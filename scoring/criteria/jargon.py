"""`jargon`: technical terms, and whether they were explained soon after (S6.4)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qa.calls import Role
from scoring.criteria.base import ByLanguage, RuleBase, Scope
from scoring.criteria.findings import (
    Finding,
    Spot,
    cannot,
    counted,
    first_spots,
    no_occasion,
    quote_of,
    say,
)
from scoring.criteria.pattern import literal_spots
from scoring.criteria.tally import Step
from scoring.criteria.view import CallView


class Jargon(RuleBase):
    """Terms the side used without an explanation in the same or the side's next turn.

    A term counts once per call, and not at all after the customer used it first.
    """

    kind: Literal["jargon"]
    terms: ByLanguage
    explained_by: tuple[str, ...] = ("J1",)
    within_turns: Annotated[int, Field(ge=0, le=10)] = 2
    scale: tuple[Step, ...]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count unexplained terms."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule="jargon"
            )
        used = self._used(view, scope)
        if not used:
            return no_occasion("没有使用专业术语", "no jargon is used", rule="jargon")
        explained = {s.pos for bank in self.explained_by for s in view.spots(bank, scope)}
        bare = [
            spot
            for spot in used
            if not any(spot.pos <= pos <= spot.pos + self.within_turns for pos in explained)
        ]
        share = next((step.share for step in self.scale if step.fits(len(bare))), 0.0)
        names = "、".join(sorted({quote_of(s, view.turns) for s in bare}))
        return Finding(
            share=share,
            reason=say(
                f"未解释的术语 {len(bare)} 个：{names}" if bare else "术语都作了解释",
                f"{counted(len(bare), 'unexplained term')}: {names}"
                if bare
                else "every term is explained",
            ),
            rule="jargon",
            spots=first_spots(bare, 50),
            confidence=min((s.confidence for s in bare), default=view.heard(scope)),
            measured={"unexplained": float(len(bare)), "terms": float(len(used))},
        )

    def _used(self, view: CallView, scope: Scope) -> list[Spot]:
        """The first use of every term, unless the customer brought it up."""
        texts = (*self.terms.zh, *self.terms.en)
        first: dict[str, Spot] = {}
        for spot in sorted(
            literal_spots(texts, view, scope, rule="jargon"), key=lambda s: s.begins
        ):
            first.setdefault(quote_of(spot, view.turns).casefold(), spot)
        return [spot for term, spot in first.items() if not _from_customer(term, spot.pos, view)]


def _from_customer(term: str, before: int, view: CallView) -> bool:
    return any(
        turn.role == Role.CUSTOMER and term in turn.text.casefold() for turn in view.turns[:before]
    )
