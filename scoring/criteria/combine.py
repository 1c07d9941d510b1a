"""`all`, `any`, `not`: logic over rules with three values (true, false, not evaluable)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope
from scoring.criteria.findings import Finding, all_candidates, all_spots, first_spots, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class All(RuleBase):
    """Every rule must hold. One false rule decides; otherwise one unknown makes it unknown."""

    kind: Literal["all"]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    unknown_wins: bool = False
    """One unknown rule makes the whole unknown, even if another is false."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """The weakest of the rules."""
        scope = self.scoped(scope)
        found: list[Finding] = []
        for rule in self.rules:
            finding = rule.check(view, scope)
            found.append(finding)
            decided = finding.unknown if self.unknown_wins else finding.share == 0
            if decided and not view.means.explain:
                break
        shares = [f.share for f in found]
        unknown = None in shares and (self.unknown_wins or 0.0 not in shares)
        share = None if unknown else min(_known(found))
        deciding = [f for f in found if f.share == share] if share != 1.0 else found
        return _joined("all", share, deciding, found, ("且", "and"))


class AnyOf(RuleBase):
    """One rule must hold. One true rule decides; otherwise one unknown makes it unknown."""

    kind: Literal["any"]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """The strongest of the rules; spots of all that hold."""
        scope = self.scoped(scope)
        found = [rule.check(view, scope) for rule in self.rules]
        shares = [f.share for f in found]
        share = 1.0 if 1.0 in shares else None if None in shares else max(_known(found))
        deciding = [f for f in found if f.share == share]
        return _joined("any", share, deciding, found, ("或", "or"))


class AnchorRule(RuleBase):
    """Whether a named anchor occurs; its hits are the evidence."""

    kind: Literal["anchor"]
    name: Annotated[str, Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """The anchor's hits inside the window."""
        found = view.named(self.name)
        window = self.window
        if window is None or found.unknown:
            return found
        span = view.range_of(Scope(window=window, item=scope.item))
        spots = tuple(spot for spot in found.spots if span.holds(spot))
        return found._replace(share=1.0 if spots else 0.0, spots=spots)


class Not(RuleBase):
    """The opposite; unknown stays unknown."""

    kind: Literal["not"]
    rule: Rule

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Turn the share around."""
        inner = self.rule.check(view, self.scoped(scope))
        likely = bool(inner.spots) and all(spot.only_alike for spot in inner.spots)
        return Finding(
            share=None if inner.share is None or likely else 1.0 - inner.share,
            reason=inner.reason,
            rule="not",
            spots=inner.spots,
            candidates=inner.candidates,
            confidence=inner.confidence,
            measured=inner.measured,
            children=(inner,),
        )


def _known(found: list[Finding]) -> list[float]:
    return [f.share for f in found if f.share is not None]


def _joined(
    rule: str,
    share: float | None,
    deciding: list[Finding],
    found: list[Finding],
    words: tuple[str, str],
) -> Finding:
    pick = max if rule == "any" and share == 1.0 else min
    shown = deciding[:3]
    if len(shown) == 1:
        reason = shown[0].reason
    else:
        reason = say(
            f"，{words[0]}".join(f.reason.zh for f in shown),
            f" {words[1]} ".join(f.reason.en for f in shown),
        )
    return Finding(
        share=share,
        reason=reason,
        rule=rule,
        spots=first_spots(all_spots(deciding), 50),
        candidates=first_spots(all_candidates(found)),
        confidence=pick((f.confidence for f in deciding), default=0.0),
        measured={key: value for f in deciding for key, value in f.measured.items()},
        children=tuple(found),
    )
