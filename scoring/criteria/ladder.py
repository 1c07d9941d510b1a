"""`ladder`: the first rung that holds gives the credit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from qa.evaluation import Bilingual
from scoring.criteria.base import Part, RuleBase, Scope, Share, Text, bilingual
from scoring.criteria.findings import Finding, all_candidates, all_spots, first_spots, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Rung(Part):
    """`share` of the weight when `when` holds; `says` adds what that means."""

    share: Share
    when: Rule
    says: Text | None = None


class Ladder(RuleBase):
    """Partial credit by steps, best first. An unknown rung above makes the result unknown."""

    kind: Literal["ladder"]
    rungs: Annotated[tuple[Rung, ...], Field(min_length=1)]
    otherwise: Share = 0.0
    otherwise_says: Text | None = None
    """The whole reason when no rung holds; without it, what the first rung found."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Climb down from the best rung."""
        scope = self.scoped(scope)
        tried: list[Finding] = []
        decided: Finding | None = None
        for rung in self.rungs:
            finding = rung.when.check(view, scope)
            tried.append(finding)
            if decided is None and finding.unknown:
                decided = self._result(None, finding.reason, (), tried)
            elif decided is None and finding.holds:
                reason = _with(rung.says, finding.reason)
                decided = self._result(rung.share, reason, (finding,), tried)
            if decided is not None and not view.means.explain:
                return decided
        if decided is None:
            best = bilingual(self.otherwise_says) if self.otherwise_says else tried[0].reason
            decided = self._result(self.otherwise, best, (), tried)
        return Finding(
            share=decided.share,
            reason=decided.reason,
            rule=decided.rule,
            spots=decided.spots,
            candidates=decided.candidates,
            confidence=decided.confidence,
            measured=decided.measured,
            children=tuple(tried),
        )

    def _result(
        self,
        share: float | None,
        reason: Bilingual,
        holding: tuple[Finding, ...],
        tried: list[Finding],
    ) -> Finding:
        """Less than full credit also rests on the rungs above having been heard not to hold."""
        grounds = holding if share == 1.0 else tuple(tried)
        shown = grounds  # what kept a better rung from holding is evidence too
        return Finding(
            share=share,
            reason=reason,
            rule="ladder",
            spots=first_spots(all_spots(shown), 50),
            candidates=first_spots(all_candidates(tried)),
            confidence=min((f.confidence for f in grounds), default=0.0),
            measured={
                key: value for f in (holding or tried[:1]) for key, value in f.measured.items()
            },
            children=tuple(tried),
        )


def _with(says: Text | None, reason: Bilingual) -> Bilingual:
    if says is None:
        return reason
    return say(f"{says.zh}：{reason.zh}", f"{says.en}: {reason.en}")
