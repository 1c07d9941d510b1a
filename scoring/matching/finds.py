"""What has been found in one text so far, and the views of the text the tiers search in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from qa.text import Normalised, drop_breaks, has_han, kept_positions
from scoring.matching.likeness import Likely, Likeness, Witness, language_of, sentence_around
from scoring.matching.patterns import FOLD_THEM, FOLD_YOU, Guard, Pattern, RegexPattern
from scoring.matching.pinyin import syllables
from scoring.matching.values import (
    EXACT,
    REGEX,
    RULE_CONFIDENCE,
    SEMANTIC,
    TIERS,
    Bank,
    BankKind,
    Hit,
    effect_of,
)

# A frame found in passing inside a long sentence is a matter for a person: forbidden things are
# said in so many words, their look-alikes inside explanations. Calibrated on hard negatives.
CLAUSE_SHARE, MOST = 0.4, 0.5
CLAUSE_ZH, CLAUSE_EN = 14, 50  # characters counted at most when nothing marks the clause
_MARKS = ' .?,"'
#: What the witness must add: more where a frame is said in passing, less for a listed phrase. Set
#: on sentences it had not learned from.
IN_PASSING, SAID_OUT, LISTED = 0.3, 0.15, -0.4
#: How much more like its bank than like good or ordinary sentences one with a signal must be.
SIGNAL_LEAD = 0.0
#: Asking for a code or password does harm however it is wrapped up: little is asked.
SECRETS, FOR_SECRETS = "F7", -0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """Who has a say in whether a find counts at once or is for a person.

    Attributes:
        likeness: Whether a sentence resembles the bank of a signal more than ordinary talk.
        witness: Whether a sentence sounds like what agents must not say.
        doubts: Guards that make a deduction doubtful, by bank and language.
    """

    likeness: Likeness | None = None
    witness: Witness | None = None
    doubts: Mapping[tuple[str, str], tuple[Guard, ...]] = field(default_factory=dict)


class Finds:
    """What has been found in one text so far, and the views the tiers search in."""

    def __init__(
        self,
        banks: Mapping[str, Bank],
        heard: Normalised,
        judges: Judges,
    ) -> None:
        self._banks, self._heard, self._judges = banks, heard, judges
        self.folded = heard.text.translate(FOLD_YOU)
        self.compact = drop_breaks(self.folded)
        self.settled: set[str] = set()
        self._hits: dict[str, list[Hit]] = {}
        self._cancelled: dict[str, list[tuple[int, int]]] = {}
        self._excused: set[str] = set()

    @cached_property
    def as_heard(self) -> str:
        """Normalised text in which 您 and 你 still differ."""
        return self._heard.text.translate(FOLD_THEM)

    @cached_property
    def sounds(self) -> str:
        """The normalised text in syllables."""
        return syllables(self.folded)

    @cached_property
    def compact_sounds(self) -> str:
        """The syllables without breaks."""
        return drop_breaks(self.sounds)

    @cached_property
    def positions(self) -> Sequence[int]:
        """For each character of the break-free text, its place in the normalised text."""
        return kept_positions(self.folded)

    def add(
        self,
        pattern: Pattern,
        tier: str,
        similarity: float,
        span: tuple[int, int],
        *,
        by_sound: bool = False,
    ) -> None:
        """Keep a find unless a guard cancels it; a cancelled place stays closed for its bank."""
        start, end = span
        bank = self._banks[pattern.bank]
        closed = self._cancelled.setdefault(bank.id, [])
        if tier not in (EXACT, REGEX) and any(start < b and a < end for a, b in closed):
            return
        if pattern.cancelled(self.folded, start, end) or (
            by_sound and pattern.cancelled(self.sounds, start, end, by_sound=True)
        ):
            closed.append(span)
            return
        if tier in (EXACT, REGEX):
            self.settled.add(bank.id)
        effect = effect_of(bank.kind, tier)
        if (effect == "deduct" and self._in_doubt(pattern, tier, start, end)) or (
            effect == "signal" and self._idle(pattern, tier, start, end)
        ):
            effect = "candidate"
        shown = self._heard.span(start, end)
        self._hits.setdefault(bank.id, []).append(
            Hit(
                bank=bank.id,
                match=tier,
                similarity=similarity,
                start=shown[0],
                end=shown[1],
                effect=effect,
                pattern=pattern.source,
                confidence=RULE_CONFIDENCE[tier],
            )
        )

    def _in_doubt(self, pattern: Pattern, tier: str, start: int, end: int) -> bool:
        """Whether a deduction needs a person: polite words, a small part of a clause, no witness.

        A listed phrase that is most of its sentence needs no witness, and what a site wrote itself
        (raw expressions, banks of its own) has none.
        """
        if pattern.doubted(self.folded, start, end):
            self._excused.add(pattern.bank)
            return True
        in_passing = tier == REGEX and self._share_of_clause(start, end) < CLAUSE_SHARE
        witness = self._judges.witness
        if (
            witness is None
            or pattern.bank not in witness.judged
            or isinstance(pattern, RegexPattern)
        ):
            return in_passing
        sentence = sentence_around(self.folded, start, end)
        if tier == EXACT and end - start >= MOST * len(sentence.strip(_MARKS)):
            return False
        needed = LISTED if tier == EXACT else IN_PASSING if in_passing else SAID_OUT
        if pattern.bank == SECRETS:
            needed = FOR_SECRETS
        return witness.margin(sentence) < needed

    def _idle(self, pattern: Pattern, tier: str, start: int, end: int) -> bool:
        """Whether a signal stands in a sentence more like ordinary talk: 不用销户，改号就行.

        A listed phrase needs no support, and what a site wrote itself has none.
        """
        likeness = self._judges.likeness
        if likeness is None or tier == EXACT or isinstance(pattern, RegexPattern):
            return False
        return likeness.lead(sentence_around(self.folded, start, end), pattern.bank) < SIGNAL_LEAD

    def _share_of_clause(self, start: int, end: int) -> float:
        """How much of the clauses it stands in a find fills, long unpunctuated ones cut short."""
        text = self.folded
        begin = max(text.rfind(mark, 0, start) for mark in ',.?"') + 1
        stop = min((at for mark in ',.?"' if (at := text.find(mark, end)) >= 0), default=len(text))
        longest = CLAUSE_ZH if has_han(text[start:end]) else CLAUSE_EN
        return (end - start) / max(1, min(stop - begin, max(longest, end - start)))

    def bank(self, name: str) -> Bank:
        """The bank of that id."""
        return self._banks[name]

    def open_banks(self) -> set[str]:
        """Banks with neither a find nor a cancelled place."""
        return set(self._banks) - set(self._hits) - {k for k, v in self._cancelled.items() if v}

    def add_semantic(self, bank: Bank, phrase: str, similarity: float) -> None:
        """Keep the whole text as a find by meaning."""
        self._hits[bank.id] = [
            Hit(
                bank=bank.id,
                match=SEMANTIC,
                similarity=similarity,
                start=self._heard.starts[0],
                end=self._heard.ends[-1],
                effect=effect_of(bank.kind, SEMANTIC),
                pattern=phrase,
                confidence=RULE_CONFIDENCE[SEMANTIC],
            )
        ]

    def add_likely(self, likely: Iterable[Likely]) -> None:
        """Keep stretches that resemble a bank not found any other way, the best of each bank.

        Where the witness is sure of it too, a forbidden bank deducts, and what a frame had only
        suspected there is sure. Guards and polite words have the last word, and what was found by
        sound or spelling stays with a person.
        """
        open_banks = self.open_banks()
        suspected = {
            name
            for name, hits in self._hits.items()
            if name not in self._excused
            and not self._cancelled.get(name)
            and all(hit.effect == "candidate" and hit.match in (EXACT, REGEX) for hit in hits)
        }
        best: dict[str, tuple[bool, Likely]] = {}
        for found in likely:
            if found.bank not in open_banks | suspected or self._polite_you(found):
                continue
            sure = self._convicted(found)
            known = best.get(found.bank)
            counts = sure or found.bank in open_banks or self._other_signal(found)
            if counts and (known is None or (sure, found.score) > (known[0], known[1].score)):
                best[found.bank] = (sure, found)
        for name, (sure, found) in best.items():
            self._keep_likely(self._banks[name], found, "deduct" if sure else None)

    def _convicted(self, found: Likely) -> bool:
        """Whether a sentence deducts by what it resembles."""
        witness = self._judges.witness
        if witness is None or self._banks[found.bank].kind is not BankKind.FORBIDDEN:
            return False
        sentence = self.folded[found.start : found.end]
        doubts = self._judges.doubts.get((found.bank, language_of(sentence)), ())
        if any(guard.cancels(self.folded, found.start, found.end) for guard in doubts):
            return False
        return witness.convicts(sentence, found)

    def _other_signal(self, found: Likely) -> bool:
        """Whether it is a signal beside those in doubt: doubts stay for their own place."""
        start, end = self._heard.span(found.start, found.end)
        return self._banks[found.bank].kind is BankKind.SIGNAL and not any(
            hit.start < end and start < hit.end for hit in self._hits.get(found.bank, ())
        )

    def _polite_you(self, found: Likely) -> bool:
        """Whether 您 is what makes it good; the models read 您 and 你 as one."""
        bank = self._banks[found.bank]
        return bank.exact_you and "您" in self.as_heard[found.start : found.end]

    def _keep_likely(self, bank: Bank, found: Likely, effect: str | None) -> None:
        start, end = self._heard.span(found.start, found.end)
        hits = self._hits.setdefault(bank.id, [])
        there = [hit for hit in hits if hit.start < end and start < hit.end]
        others = [hit for hit in hits if hit not in there]
        hits[:] = others + [replace(hit, effect="deduct") for hit in there]
        if not there:
            hits.append(
                Hit(
                    bank=bank.id,
                    match=SEMANTIC,
                    similarity=found.similarity,
                    start=start,
                    end=end,
                    effect=effect or effect_of(bank.kind, SEMANTIC),
                    pattern="",
                    confidence=RULE_CONFIDENCE[SEMANTIC],
                )
            )

    def result(self) -> tuple[Hit, ...]:
        """Per bank the strongest of overlapping finds, all in reading order."""
        kept = [hit for hits in self._hits.values() for hit in _strongest(hits)]
        return tuple(sorted(kept, key=lambda hit: (hit.start, hit.end, hit.bank)))


def _strongest(hits: Iterable[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=_rank):
        if not any(hit.start < other.end and other.start < hit.end for other in kept):
            kept.append(hit)
    return kept


def _rank(hit: Hit) -> tuple[int, float, int, int, int, str]:
    as_written = TIERS.index(REGEX if hit.match == EXACT else hit.match)
    length = hit.end - hit.start
    return as_written, -hit.similarity, -length, hit.start, TIERS.index(hit.match), hit.pattern
