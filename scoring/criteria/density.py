"""`density`: how often something is said per minute of talk or per 100 characters or words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from scoring.criteria.base import RuleBase, Scope, Text
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, say
from scoring.criteria.tally import Step
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule

#: Without times a minute of talk is taken as this many characters (zh) or words (en) (own).
_UNITS_PER_MINUTE = {"zh": 220.0, "en": 140.0}


def _apart(spots: Iterable[Spot]) -> int:
    """How many stretches the spots cover, in reading order."""
    count, reached = 0, (-1, 0)
    for spot in sorted(spots, key=lambda spot: spot.begins):
        count += spot.begins >= reached
        reached = max(reached, spot.ends)
    return count


class Density(RuleBase):
    """Hits of `rule` ÷ talk, looked up on a scale (first step that fits, else 0).

    Hits that overlap, such as a phrase and a word in it, count once.
    """

    kind: Literal["density"]
    name: Text
    rule: Rule
    per: Literal["minute", "100_units"]
    scale: Annotated[tuple[Step, ...], Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count hits against the amount of talk."""
        scope = self.scoped(scope)
        found = self.rule.check(view, scope)
        units = sum(view.units(pos) for pos in view.positions(scope))
        if found.unknown or not units:
            return cannot("没有可统计的讲话", "no speech to count in", rule="density")
        minutes = units / _UNITS_PER_MINUTE.get(view.language, 140.0)
        if view.timed:
            talk = sum(view.turns[pos].duration_ms for pos in view.positions(scope)) / 60_000
            minutes = talk or minutes
        # A call shorter than the unit is not held to more than one hit.
        amount = max(1.0, minutes if self.per == "minute" else units / 100)
        value = _apart(found.spots) / amount
        share = next((step.share for step in self.scale if step.fits(value)), 0.0)
        unit = ("每分钟", "per minute") if self.per == "minute" else ("每百字", "per 100 words")
        first = self.scale[0]
        limit = first.at_least if first.at_least is not None else first.at_most
        return Finding(
            share=share,
            reason=say(
                f"{self.name.zh}{unit[0]} {value:.1f} 次，满分线 {limit:g}",
                f"{self.name.en}: {value:.1f} {unit[1]}, full credit at {limit:g}",
            ),
            rule="density",
            spots=first_spots(found.spots, 8),
            confidence=min((s.confidence for s in found.spots), default=view.heard(scope)),
            measured={"value": round(value, 3), "threshold": float(limit or 0)},
            children=(found,),
        )
