"""`parts`: credit is the sum of what was there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from qa.evaluation import Bilingual
from scoring.criteria.base import Part, RuleBase, Scope, Text
from scoring.criteria.findings import Finding, all_candidates, all_spots, cannot, first_spots, say
from scoring.criteria.view import CallView

if TYPE_CHECKING:
    from scoring.criteria.union import Rule


class Piece(Part):
    """One part and its share of the credit (shares are normalised to 1)."""

    name: Text
    when: Rule
    share: Annotated[float, Field(gt=0, le=1)] = 1.0


class Parts(RuleBase):
    """Sum of the shares of the parts found. Parts that cannot be evaluated leave the sum."""

    kind: Literal["parts"]
    parts: Annotated[tuple[Piece, ...], Field(min_length=1)]

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Check every part."""
        scope = self.scoped(scope)
        found = [(piece, piece.when.check(view, scope)) for piece in self.parts]
        known = [(piece, finding) for piece, finding in found if finding.share is not None]
        if not known:
            first = found[0][1].reason
            return cannot(first.zh, first.en, rule="parts")
        total = sum(piece.share for piece, _ in known)
        won = sum(piece.share * (finding.share or 0.0) for piece, finding in known)
        have = [piece.name for piece, finding in known if (finding.share or 0) > 0]
        lack = [piece.name for piece, finding in known if not finding.share]
        return Finding(
            share=won / total,
            reason=_listed(have, lack, len(known)),
            rule="parts",
            spots=first_spots(all_spots(f for _, f in known if f.share), 50),
            candidates=first_spots(all_candidates(f for _, f in known)),
            confidence=min(f.confidence for _, f in known),
            measured={"parts": float(len(have)), "of": float(len(known))},
            children=tuple(finding for _, finding in found),
        )


def _listed(have: list[Text], lack: list[Text], total: int) -> Bilingual:
    zh = f"{total} 项中做到 {len(have)} 项"
    en = f"{len(have)} of {total} parts"
    if have:
        zh += f"，有：{'、'.join(t.zh for t in have)}"
        en += f"; present: {', '.join(t.en for t in have)}"
    if lack:
        zh += f"，缺：{'、'.join(t.zh for t in lack)}"
        en += f"; missing: {', '.join(t.en for t in lack)}"
    return say(zh, en)
