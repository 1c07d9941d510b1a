"""`phrase`: bank phrases heard or not: any, all, n_of, none."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from qa.evaluation import Bilingual
from scoring.criteria.base import ByLanguage, RuleBase, Scope, Side
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.pattern import literal_spots
from scoring.criteria.searching import Patterns, PatternTimeoutError
from scoring.criteria.view import CallView


class Phrase(RuleBase):
    """Phrases of the lexicon banks, or literal texts, said by a side in a window.

    `match` says how many of the named banks and texts must occur: `any` (default), `all`,
    `n_of` (with `at_least`), `none`. With `any`, `at_least` counts separate hits.
    A hit that may only be a candidate (a homophone of a forbidden phrase) never counts.
    """

    kind: Literal["phrase"]
    banks: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    texts: ByLanguage = ByLanguage()
    """Literal texts besides the banks, compared without regard to case."""
    match: Literal["any", "all", "n_of", "none"] = "any"
    at_least: Annotated[int, Field(ge=1)] = 1
    inside: Literal["", "hold", "music", "ivr", "ringback"] = ""
    """Look only inside such an event (by default such speech never counts)."""
    unless: Patterns | None = None
    """A hit whose words, with the ten characters after them, match this does not count."""
    having: Patterns | None = None
    """Only hits in turns that also match this count."""
    only: tuple[Literal["exact", "regex", "fuzzy", "homophone", "semantic"], ...] = ()
    """Accept only these kinds of match."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Count the banks and hits found."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side) and scope.side != Side.SYSTEM:
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule=self.label
            )
        try:
            groups = self._groups(view, scope)
        except PatternTimeoutError:
            return cannot("模式超出时间限制", "a pattern took too long", rule=self.label)
        if not any(groups.values()) and not view.means.explain:
            return self._silent(view, scope)
        sure = {name: [s for s in spots if self._counts(s)] for name, spots in groups.items()}
        doubtful = [s for spots in groups.values() for s in spots if not self._counts(s)]
        spots = [spot for found in sure.values() for spot in found]
        share = 1.0 if self._satisfied(sure, spots) else 0.0
        return self._finding(view, scope, share=share, spots=spots, candidates=doubtful)

    def _silent(self, view: CallView, scope: Scope) -> Finding:
        """Nothing was heard: the usual case, answered without more ado."""
        return Finding(
            share=1.0 if self.match == "none" else 0.0,
            reason=self._unheard(view),
            rule=self.label,
            confidence=self._heard(view, scope),
            measured=self._counts_nothing,
        )

    def _unheard(self, view: CallView) -> Bilingual:
        if not self.banks:
            return say("未听到指定词语", "none of the listed words heard")
        zh, en = zip(*[_called(bank, view) for bank in self.banks], strict=True)
        return say(f"未听到{'、'.join(zh)}", f"no {' / '.join(en)} heard")

    @cached_property
    def _counts_nothing(self) -> dict[str, float]:
        return {"hits": 0.0, "needed": float(self.at_least)}

    def _heard(self, view: CallView, scope: Scope) -> float:
        return 1.0 if scope.side == Side.SYSTEM else view.heard(scope)

    @cached_property
    def label(self) -> str:
        """Short name for explanations."""
        return f"phrase {self.match} {'+'.join(self.banks) or 'texts'}"

    def _groups(self, view: CallView, scope: Scope) -> dict[str, list[Spot]]:
        groups = {bank: view.spots(bank, scope, inside=self.inside) for bank in self.banks}
        if self.texts.zh or self.texts.en:
            for text in (*self.texts.zh, *self.texts.en):
                groups[text] = literal_spots((text,), view, scope, inside=self.inside, rule=text)
        if self.unless is None and self.having is None:
            return groups
        return {name: [s for s in spots if self._fits(s, view)] for name, spots in groups.items()}

    def _fits(self, spot: Spot, view: CallView) -> bool:
        text = view.turns[spot.pos].text
        said = text[spot.char_start : spot.char_end + 10]
        if self.unless is not None and self.unless.hits(said):
            return False
        return self.having is None or self.having.hits(text)

    def _counts(self, spot: Spot) -> bool:
        return spot.effect != "candidate" and (not self.only or spot.match in self.only)

    def _satisfied(self, sure: dict[str, list[Spot]], spots: list[Spot]) -> bool:
        hit = sum(bool(found) for found in sure.values())
        if self.match == "any":
            return len({(s.pos, s.char_start) for s in spots}) >= self.at_least
        if self.match == "all":
            return hit == len(sure)
        if self.match == "n_of":
            return hit >= self.at_least
        return hit == 0

    def _finding(
        self,
        view: CallView,
        scope: Scope,
        *,
        share: float,
        spots: list[Spot],
        candidates: list[Spot],
    ) -> Finding:
        if spots:
            pick = max if self.match in ("any", "none") else min
            confidence = pick(spot.confidence for spot in spots)
        else:
            confidence = self._heard(view, scope)
        nearest = None
        if view.means.explain and not spots and self.banks:
            nearest = view.nearest(self.banks, scope)
        return Finding(
            share=share,
            reason=self._reason(view, spots),
            rule=self.label,
            spots=first_spots(spots, 50),
            candidates=first_spots(candidates),
            confidence=confidence,
            measured={"hits": float(len(spots)), "needed": float(self.at_least)},
            nearest=nearest,
        )

    def _reason(self, view: CallView, spots: list[Spot]) -> Bilingual:
        if not spots:
            return self._unheard(view)
        first = min(spots, key=lambda spot: spot.begins)
        quote = quote_of(first, view.turns)
        if view.means.matcher.title(first.rule) is None:
            return say(f"听到“{quote}”", f"heard “{quote}”")
        zh, en = _called(first.rule, view)
        return say(f"听到{zh}：“{quote}”", f"heard {en}: “{quote}”")


def _called(bank: str, view: CallView) -> tuple[str, str]:
    """A bank by the name that people know, with its id."""
    title = view.means.matcher.title(bank)
    if title is None:
        return f" {bank} 的用语", f"phrase of {bank}"
    return f"“{title.zh}”({bank})", f"“{title.en}” ({bank})"
