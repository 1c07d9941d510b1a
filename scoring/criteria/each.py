"""`each`: the same rule for every occurrence (each hold, each long customer turn)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from scoring.criteria.base import Count, Part, RuleBase, Scope, Seconds, Side
from scoring.criteria.findings import Finding, Spot, all_candidates, first_spots, no_occasion, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class TurnsOf(Part):
    """Turns of a side that are long enough."""

    side: Side
    longer_s: Seconds = 0.0
    min_units: Count = 0
    """Used instead of seconds when the transcript has no times."""


class Each(RuleBase):
    """Checks `rule` for each occurrence (anchor `it`). No occurrence: not applicable."""

    kind: Literal["each"]
    of: Rule | TurnsOf | str
    """A rule whose hits are the occurrences, long turns, or the name of an anchor."""
    rule: Rule
    combine: Literal["mean", "worst"] = "mean"

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Combine the answers of all occurrences that could be evaluated."""
        scope = self.scoped(scope)
        items = self._items(view, scope)
        if not items:
            return no_occasion(
                "本通没有需要此行为的情形", "no occasion for this in the call", rule="each"
            )
        found = [self.rule.check(view, replace(scope, window=None, item=item)) for item in items]
        known = [(item, f) for item, f in zip(items, found, strict=True) if f.share is not None]
        if not known:
            return found[0]._replace(rule="each", children=tuple(found))
        shares = [f.share or 0.0 for _, f in known]
        share = min(shares) if self.combine == "worst" else sum(shares) / len(shares)
        full = sum(value >= 1 for value in shares)
        missed = [item for item, f in known if not f.share]
        spots = [s for _, f in known for s in f.spots]
        lacking = f"；{known[0][1].reason.zh}" if len(known) == 1 else ""
        lacking_en = f"; {known[0][1].reason.en}" if len(known) == 1 else ""
        return Finding(
            share=share,
            reason=say(
                f"{len(known)} 处中 {full} 处完全做到{lacking}",
                f"{full} of {len(known)} occurrences in full{lacking_en}",
            ),
            rule="each",
            spots=first_spots([*spots, *missed], 50),
            candidates=first_spots(all_candidates(found)),
            confidence=min(f.confidence for _, f in known),
            measured={"occurrences": float(len(known)), "full": float(full)},
            children=tuple(found),
        )

    def _items(self, view: CallView, scope: Scope) -> list[Spot]:
        if isinstance(self.of, str):
            return list(view.named(self.of).spots)
        if isinstance(self.of, TurnsOf):
            return _long_turns(self.of, view, scope)
        return list(self.of.check(view, scope).spots)


def _long_turns(wanted: TurnsOf, view: CallView, scope: Scope) -> list[Spot]:
    found = []
    for pos in view.positions(replace(scope, side=wanted.side)):
        turn = view.turns[pos]
        if view.timed:
            enough = turn.duration_ms >= wanted.longer_s * 1000
        else:
            enough = view.units(pos) >= max(1, wanted.min_units)
        if enough:
            found.append(view.turn_spot(pos, "turn"))
    return found


class ItemLength(RuleBase):
    """Whether the occurrence under examination (`it`) lasts longer than `longer_s`."""

    kind: Literal["item"]
    longer_s: Seconds

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare the length of the item."""
        del view
        item = scope.item
        lasted = (item.end_ms - item.start_ms) / 1000 if item else 0.0
        return Finding(
            share=1.0 if lasted > self.longer_s else 0.0,
            reason=say(
                f"持续 {lasted:.1f} 秒，阈值 {self.longer_s:g} 秒",
                f"lasted {lasted:.1f} s, threshold {self.longer_s:g} s",
            ),
            rule="item",
            spots=(item,) if item and lasted > self.longer_s else (),
            confidence=item.confidence if item else 0.0,
            measured={"seconds": round(lasted, 1), "threshold": self.longer_s},
        )
