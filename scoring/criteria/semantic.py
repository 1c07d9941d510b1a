"""`semantic`: a turn that means the same as a sample sentence; needs the sentence encoder."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from scoring.criteria.base import ByLanguage, RuleBase, Scope
from scoring.criteria.findings import Finding, Spot, cannot, say
from scoring.criteria.view import CallView

#: Confidence of a semantic match (dossier §2.4).
SEMANTIC_CONFIDENCE = 0.7


class Semantic(RuleBase):
    """Similarity of turns to sample sentences. Without an encoder it is not evaluable."""

    uses_meaning: ClassVar[bool] = True
    kind: Literal["semantic"]
    sentences: ByLanguage
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Compare every turn in the scope with the sentences of its language."""
        scope = self.scoped(scope)
        encoder = view.means.encoder
        if encoder is None:
            return cannot("没有语义模型", "no sentence encoder is present", rule="semantic")
        best, where = 0.0, None
        for pos in view.positions(scope):
            sentences = self.sentences.of(view.language_of(pos))
            if sentences and view.turns[pos].text.strip():
                similarity = encoder.similarity(view.turns[pos].text, sentences)
                if similarity > best:
                    best, where = similarity, pos
        met = where is not None and best >= self.threshold
        spots: tuple[Spot, ...] = ()
        if met and where is not None:
            length = len(view.turns[where].text)
            spots = (
                view.place(
                    where,
                    0,
                    length,
                    rule="semantic",
                    match="semantic",
                    similarity=best,
                    confidence=SEMANTIC_CONFIDENCE,
                ),
            )
        sign = "≥" if met else "<"
        return Finding(
            share=1.0 if met else 0.0,
            reason=say(
                f"最接近的一句相似度 {best:.2f} {sign} {self.threshold:.2f}",
                f"closest sentence: similarity {best:.2f} {sign} {self.threshold:.2f}",
            ),
            rule="semantic",
            spots=spots,
            confidence=spots[0].confidence if spots else view.heard(scope),
            measured={"similarity": round(best, 4), "threshold": self.threshold},
        )
