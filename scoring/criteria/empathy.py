"""`empathy`: after each negative trigger the agent meets the feeling before the matter (S5.1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from qa.calls import Role
from scoring.criteria.base import RuleBase, Scope, Seconds, Share, Side
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
from scoring.criteria.keyterms import key_terms
from scoring.criteria.view import CallView


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    first: Spot
    last: Spot


class Empathy(RuleBase):
    """Mean credit over episodes of negative triggers.

    An episode is a run of hits of the anchor `trigger` at most `merge_s` apart. A reply that names
    the issue earns 1, a generic one `generic`, a late one `late`; a forbidden phrase soon after
    makes it 0; the same sentence more than `same_limit` times caps the criterion.
    """

    kind: Literal["empathy"]
    trigger: str = "trigger"
    banks: tuple[str, ...] = ("E1", "E2")
    forbidden: tuple[str, ...] = ("F1", "F2", "F3", "F4", "F6", "F9")
    within_s: Seconds = 15.0
    within_turns: Annotated[int, Field(ge=1)] = 2
    """Agent turns after the trigger that are in time."""
    late_s: Seconds = 60.0
    merge_s: Seconds = 60.0
    forbidden_within_s: Seconds = 20.0
    generic: Share = 0.7
    late: Share = 0.4
    same_limit: Annotated[int, Field(ge=1)] = 3
    cap: Share = 0.5

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Grade each episode."""
        del scope
        triggers = view.named(self.trigger)
        if triggers.unknown:
            return cannot(triggers.reason.zh, triggers.reason.en, rule="empathy")
        episodes = self._episodes(view, list(triggers.spots))
        if not episodes:
            return no_occasion(
                "客户没有负面触发", "the customer gave no negative trigger", rule="empathy"
            )
        if not view.has_side(Side.AGENT):
            return cannot("没有可辨认的客服讲话", "no agent speech", rule="empathy")
        agent = Scope(side=Side.AGENT)
        kind_words = [
            s for b in self.banks for s in view.spots(b, agent) if s.effect != "candidate"
        ]
        grades = [self._grade(episode, kind_words, view) for episode in episodes]
        share = sum(grade for grade, _ in grades) / len(grades)
        if self._formulaic(kind_words, view):
            share = min(share, self.cap)
        return self._finding(view, episodes, grades, share)

    def _finding(
        self,
        view: CallView,
        episodes: list[_Episode],
        grades: list[tuple[float, Spot | None]],
        share: float,
    ) -> Finding:
        answered = [spot for _, spot in grades if spot is not None]
        ignored = [e.first for e, (grade, _) in zip(episodes, grades, strict=True) if grade == 0]
        quote = quote_of((ignored or [e.first for e in episodes])[0], view.turns)
        met = len(episodes) - len(ignored)
        sure = [s.confidence for s in (*answered, *(e.first for e in episodes))]
        return Finding(
            share=share,
            reason=say(
                f"{len(episodes)} 次负面触发(“{quote}”)，回应 {met} 次",
                f"{counted(len(episodes), 'negative trigger')} (“{quote}”), "
                f"{met} answered with empathy",
            ),
            rule="empathy",
            spots=first_spots([*answered, *ignored], 50),
            confidence=min([*sure, view.heard(Scope(side=Side.AGENT))]),
            measured={"episodes": float(len(episodes)), "answered": float(met)},
        )

    def _episodes(self, view: CallView, spots: list[Spot]) -> list[_Episode]:
        episodes: list[_Episode] = []
        for spot in sorted(spots, key=lambda s: s.begins):
            last = episodes[-1].last if episodes else None
            if last is not None and self._together(view, last, spot):
                episodes[-1] = _Episode(first=episodes[-1].first, last=spot)
            else:
                episodes.append(_Episode(first=spot, last=spot))
        return episodes

    def _together(self, view: CallView, one: Spot, two: Spot) -> bool:
        if view.timed:
            return two.start_ms - one.start_ms <= self.merge_s * 1000
        return two.pos - one.pos <= 6

    def _grade(
        self, episode: _Episode, kind_words: list[Spot], view: CallView
    ) -> tuple[float, Spot | None]:
        if self._rebuffed(episode, view):
            return 0.0, None
        best: tuple[float, Spot | None] = (0.0, None)
        for spot in kind_words:
            if spot.begins < episode.first.begins:
                continue
            grade = self._timely(episode, spot, view)
            if grade > best[0]:
                best = (grade, spot)
        return best

    def _timely(self, episode: _Episode, spot: Spot, view: CallView) -> float:
        start = episode.last if spot.begins > episode.last.begins else episode.first
        between = sum(view.turns[p].role == Role.AGENT for p in range(start.pos + 1, spot.pos + 1))
        soon = view.timed and 0 <= spot.start_ms - start.end_ms <= self.within_s * 1000
        if soon or between <= self.within_turns:
            said = key_terms(view.turns[spot.pos].text)
            issue = set().union(
                *(
                    key_terms(view.turns[p].text)
                    for p in range(max(0, episode.first.pos - 4), spot.pos)
                    if view.turns[p].role == Role.CUSTOMER
                ),
                key_terms(view.turns[episode.first.pos].text),
            )
            return 1.0 if said & issue else self.generic
        late = spot.start_ms - start.end_ms <= self.late_s * 1000 if view.timed else between <= 5
        return self.late if late else 0.0

    def _rebuffed(self, episode: _Episode, view: CallView) -> bool:
        """A forbidden phrase, heard beyond doubt, soon after the trigger."""
        for bank in self.forbidden:
            for spot in view.spots(bank, Scope(side=Side.AGENT)):
                sure = spot.effect == "deduct" and spot.confidence >= view.means.minimum_confidence
                soon = (
                    0 <= spot.start_ms - episode.last.end_ms <= self.forbidden_within_s * 1000
                    if view.timed
                    else 0 <= spot.pos - episode.last.pos <= 2
                )
                if sure and soon:
                    return True
        return False

    def _formulaic(self, kind_words: list[Spot], view: CallView) -> bool:
        quotes = Counter(quote_of(s, view.turns) for s in kind_words)
        return any(count > self.same_limit for count in quotes.values())
