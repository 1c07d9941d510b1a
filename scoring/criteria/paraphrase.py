"""`paraphrase`: the agent plays the customer's need back (S3.3): with its content, or empty."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope, Share, Side
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.keyterms import customer_terms, key_terms
from scoring.criteria.view import CallView


class Paraphrase(RuleBase):
    """A confirming phrase that shares content with what the customer said before.

    Content: at least `shared_terms` key terms, or similarity ≥ `similarity` when an encoder is
    present. Full credit in the window; `empty` without content; `late` outside the window.
    """

    uses_meaning: ClassVar[bool] = True
    kind: Literal["paraphrase"]
    bank: str = "L3"
    shared_terms: Annotated[int, Field(ge=1)] = 2
    similarity: Share = 0.55
    empty: Share = 0.5
    late: Share = 0.5

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Grade each confirming phrase and keep the best."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot("没有可辨认的客服讲话", "no agent speech", rule="paraphrase")
        everywhere = view.spots(self.bank, Scope(side=scope.side))
        everywhere = [s for s in everywhere if s.effect != "candidate"]
        inside = set(view.within(everywhere, scope))
        graded = [(self._grade(spot, spot in inside, view), spot) for spot in everywhere]
        if not graded:
            return self._none(view, scope)
        share, spot = max(graded, key=lambda pair: (pair[0], -pair[1].begins[0]))
        quote = quote_of(spot, view.turns)
        if share == 1:
            reason = say(f"复述了客户内容：“{quote}”", f"the need is played back: “{quote}”")
        elif spot in inside:
            reason = say(
                f"“{quote}”只是套话，没有客户内容", f"“{quote}” carries no content of the need"
            )
        else:
            reason = say(f"只在给方案之后才确认：“{quote}”", f"confirmed only late: “{quote}”")
        return Finding(
            share=share,
            reason=reason,
            rule="paraphrase",
            spots=first_spots([spot]),
            confidence=spot.confidence if share == 1 else min(spot.confidence, view.heard(scope)),
            measured={"confirmations": float(len(everywhere)), "in_window": float(len(inside))},
        )

    def _none(self, view: CallView, scope: Scope) -> Finding:
        nearest = view.nearest([self.bank], scope) if view.means.explain else None
        return Finding(
            share=0.0,
            reason=say("没有复述确认客户的需求", "the need is never played back"),
            rule="paraphrase",
            confidence=view.heard(Scope(side=Side.AGENT)),
            nearest=nearest,
            measured={"confirmations": 0.0},
        )

    def _grade(self, spot: Spot, inside: bool, view: CallView) -> float:
        if not self._has_content(spot, view):
            return min(self.empty, self.late if not inside else self.empty)
        return 1.0 if inside else self.late

    def _has_content(self, spot: Spot, view: CallView) -> bool:
        said = _around(spot, view)
        if len(key_terms(said) & customer_terms(view, spot.begins)) >= self.shared_terms:
            return True
        encoder = view.means.encoder
        if encoder is None:
            return False
        heard = [t.text for p, t in enumerate(view.turns) if p < spot.pos and t.role == "customer"]
        return bool(heard) and encoder.similarity(said, heard[-8:]) >= self.similarity


def _around(spot: Spot, view: CallView) -> str:
    """The turn of the phrase and the agent's next one if it goes straight on."""
    turn = view.turns[spot.pos]
    text = turn.text
    if spot.pos + 1 < len(view.turns) and view.turns[spot.pos + 1].role == turn.role:
        text += " " + view.turns[spot.pos + 1].text
    return text
