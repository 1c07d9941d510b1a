"""The phrase matcher: one pass over a text finds every bank, by whatever tier it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import ahocorasick
import numpy as np
from rapidfuzz import fuzz, process

from qa.calls import Role
from qa.codec import digest
from qa.text import Normalised, has_han, normalise
from scoring.matching.lexicon import Lexicon, load_lexicon
from scoring.matching.near import NearIndex
from scoring.matching.patterns import (
    FOLD_THEM,
    FOLD_YOU,
    FramePattern,
    Pattern,
    build_patterns,
)
from scoring.matching.pinyin import syllables
from scoring.matching.values import (
    EXACT,
    HOMOPHONE,
    REGEX,
    RULE_CONFIDENCE,
    SEMANTIC,
    TIERS,
    Bank,
    BankKind,
    Hit,
    effect_of,
)

LEXICON_FOLDER = Path(__file__).parent.parent / "lexicons" / "service-standard"
SEMANTIC_CUTOFF = 0.82
FRAME_BY_SOUND = 0.9  # similarity reported for a frame found in syllables: slots are not compared


class SentenceEncoder(Protocol):
    """Anything that turns sentences into unit vectors (rows)."""

    def encode(self, texts: list[str]) -> np.ndarray: ...


class PhraseMatcher:
    """Finds phrase banks in shown texts.

    Attributes:
        digest: Changes with the lexicons, the company names and the encoder.
        banks: The banks by id.
        words: Word lists (`jargon`, `courtesy`, `fillers`, `back_channels`) by language.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        *,
        company_names: Sequence[str] = (),
        encoder: SentenceEncoder | None = None,
    ) -> None:
        self._lexicon = lexicon
        self._companies = tuple(company_names)
        self.encoder = encoder
        self.banks: Mapping[str, Bank] = MappingProxyType(
            {name: rules.bank for name, rules in lexicon.rules.items()}
        )
        self.words = lexicon.words
        self.digest = digest([lexicon.digest, self._companies, type(encoder).__qualname__])
        names = tuple(name for name in (_plain(company) for company in company_names) if name)
        self._patterns = build_patterns(lexicon, {"company": names})
        self._automaton, self._always = _index([pattern.anchors() for pattern in self._patterns])
        self._sounds, _ = _index([pattern.sound_anchors() for pattern in self._patterns])
        phrases = [p for p in self._patterns if isinstance(p, FramePattern) and p.exact]
        self._near = NearIndex(phrases, _plain)
        self._exemplars = _Exemplars(phrases, encoder) if encoder is not None else None
        self._scan = lru_cache(maxsize=8192)(self._scan_uncached)

    def with_slots(self, *, company: Sequence[str]) -> PhraseMatcher:
        """The same lexicon with other company names."""
        return PhraseMatcher(self._lexicon, company_names=company, encoder=self.encoder)

    def hits(
        self,
        text: str,
        *,
        language: str,
        side: Role | None = None,
        banks: Collection[str] | None = None,
    ) -> tuple[Hit, ...]:
        """Every bank found in `text`, in reading order.

        Args:
            text: A turn as shown; offsets of hits refer to it.
            language: `zh` or `en`; texts that mix both are searched for both whatever it says.
            side: Who speaks: banks of the other side are left out. Unknown speakers never get
                more than a candidate from a forbidden bank; recorded voices only positive ones.
            banks: Only these banks.
        """
        del language  # the script of the text decides which patterns can match
        return tuple(
            hit
            for found in self._scan(text)
            if banks is None or found.bank in banks
            if (hit := _for_side(found, self.banks[found.bank], side)) is not None
        )

    def nearest(self, text: str, *, language: str, bank: str) -> tuple[float, str]:
        """Similarity and wording of the closest listed phrase of `bank`, for explanations."""
        heard = _plain(text)
        choices = self.banks[bank].phrases.get(language, ())
        if not heard or not choices:
            return 0.0, choices[0] if choices else ""
        rows = [(heard, [_plain(phrase) for phrase in choices])]
        if has_han(heard):
            rows.append((syllables(heard), [syllables(phrase) for phrase in rows[0][1]]))
        best = max(
            (
                process.extractOne(query, options, scorer=_window_ratio, processor=None)
                for query, options in rows
            ),
            key=lambda found: (found[1], -found[2]),
        )
        return round(best[1] / 100, 3), choices[best[2]]

    def _scan_uncached(self, text: str) -> tuple[Hit, ...]:
        heard = normalise(text)
        if not heard.text:
            return ()
        finds = _Finds(self.banks, heard)
        self._search_text(finds)
        if has_han(heard.text):
            self._search_sounds(finds)
        self._search_near(finds)
        if self._exemplars is not None:
            self._exemplars.search(finds)
        return finds.result()

    def _search_text(self, finds: _Finds) -> None:
        for index in sorted(_candidates(self._automaton, finds.compact.text) | self._always):
            pattern = self._patterns[index]
            text = finds.as_heard if pattern.exact_you else finds.folded
            for start, end in pattern.spans(text):
                finds.add(pattern, EXACT if pattern.exact else REGEX, 1.0, (start, end))

    def _search_sounds(self, finds: _Finds) -> None:
        for index in sorted(_candidates(self._sounds, finds.compact_sounds)):
            pattern = self._patterns[index]
            if pattern.bank in finds.settled:
                continue
            for start, end in pattern.sound_spans(finds.sounds):
                finds.add(pattern, HOMOPHONE, FRAME_BY_SOUND, (start, end), by_sound=True)

    def _search_near(self, finds: _Finds) -> None:
        skip = frozenset(finds.settled)
        near = self._near.find(finds.compact.text, finds.compact_sounds, skip)
        for pattern, tier, similarity, start, end in sorted(near, key=lambda found: found[2:]):
            span = finds.positions[start], finds.positions[end - 1] + 1
            finds.add(pattern, tier, similarity, span, by_sound=tier == HOMOPHONE)


def _candidates(automaton: Any, text: str) -> set[int]:
    found: set[int] = set()
    if automaton is not None:
        for _, members in automaton.iter(text):
            found.update(members)
    return found


def _index(anchor_sets: Sequence[frozenset[str]]) -> tuple[Any, frozenset[int]]:
    """An automaton from anchor to pattern numbers, and the patterns that have no anchor."""
    members: dict[str, list[int]] = {}
    for index, anchors in enumerate(anchor_sets):
        for anchor in anchors:
            members.setdefault(anchor, []).append(index)
    always = frozenset(index for index, anchors in enumerate(anchor_sets) if not anchors)
    if not members:
        return None, always
    automaton = ahocorasick.Automaton()
    for anchor, indices in members.items():
        automaton.add_word(anchor, tuple(indices))
    automaton.make_automaton()
    return automaton, always


def _plain(text: str) -> str:
    """Normalised text without breaks, 您 and 你 as one."""
    return normalise(text).without_breaks().text.translate(FOLD_YOU).strip()


def _window_ratio(left: str, right: str, **options: Any) -> float:
    """Partial ratio that does not reward a short heard text for lying inside a long phrase."""
    score = fuzz.partial_ratio(left, right, **options)
    return score * min(1.0, len(left) / len(right)) if right else 0.0


class _Finds:
    """What has been found in one text so far, and the views the tiers search in."""

    def __init__(self, banks: Mapping[str, Bank], heard: Normalised) -> None:
        self._banks, self._heard = banks, heard
        self.as_heard = heard.text.translate(FOLD_THEM)
        self.folded = heard.text.translate(FOLD_YOU)
        self.compact = replace(heard, text=self.folded).without_breaks()
        self.settled: set[str] = set()
        self._hits: dict[str, list[Hit]] = {}
        self._cancelled: dict[str, list[tuple[int, int]]] = {}
        self._sounds: tuple[str, str] | None = None
        self._positions: list[int] | None = None

    @property
    def sounds(self) -> str:
        return self._spoken()[0]

    @property
    def compact_sounds(self) -> str:
        return self._spoken()[1]

    def _spoken(self) -> tuple[str, str]:
        if self._sounds is None:
            self._sounds = syllables(self.folded), syllables(self.compact.text)
        return self._sounds

    @property
    def positions(self) -> Sequence[int]:
        """For each character of the break-free text, its place in the normalised text."""
        if self._positions is None:
            self._positions = self._heard.kept()
        return self._positions

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
        shown = self._heard.span(start, end)
        self._hits.setdefault(bank.id, []).append(
            Hit(
                bank=bank.id,
                match=tier,
                similarity=similarity,
                start=shown[0],
                end=shown[1],
                effect=effect_of(bank.kind, tier),
                pattern=pattern.source,
                confidence=RULE_CONFIDENCE[tier],
            )
        )

    def bank(self, name: str) -> Bank:
        """The bank of that id."""
        return self._banks[name]

    @property
    def shown_length(self) -> int:
        return self._heard.ends[-1] if self._heard.ends else 0

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
                end=self.shown_length,
                effect=effect_of(bank.kind, SEMANTIC),
                pattern=phrase,
                confidence=RULE_CONFIDENCE[SEMANTIC],
            )
        ]

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


def _rank(hit: Hit) -> tuple[int, float, int, int, str]:
    deducts_last = TIERS.index(REGEX if hit.match == EXACT else hit.match)
    return deducts_last, -hit.similarity, hit.start - hit.end, hit.start, hit.pattern


def _for_side(hit: Hit, bank: Bank, side: Role | None) -> Hit | None:
    if side is None or side is bank.side:
        return hit
    if side is Role.SYSTEM:
        return hit if bank.kind is BankKind.POSITIVE else None
    if side is Role.UNKNOWN:
        return replace(hit, effect="candidate") if hit.effect == "deduct" else hit
    return None


class _Exemplars:
    """The listed phrases as vectors, compared by meaning with texts no other tier explained."""

    def __init__(self, phrases: Sequence[FramePattern], encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._phrases = [p for p in phrases if len(_plain(p.source)) >= 4]
        vectors = encoder.encode([p.source for p in self._phrases])
        self._vectors = np.asarray(vectors, dtype=np.float32)  # (phrases, dimensions)

    def search(self, finds: _Finds) -> None:
        """Add a semantic find for each open bank whose closest phrase is close enough."""
        open_banks = finds.open_banks()
        if not open_banks or len(finds.compact.text) < 4:
            return
        query = np.asarray(self._encoder.encode([finds.compact.text]), dtype=np.float32)[0]
        similarity = self._vectors @ query  # (phrases,)
        for index in np.argsort(-similarity, kind="stable"):
            if similarity[index] < SEMANTIC_CUTOFF:
                break
            pattern = self._phrases[int(index)]
            if pattern.bank in open_banks:
                open_banks.discard(pattern.bank)
                finds.add_semantic(
                    finds.bank(pattern.bank), pattern.source, round(float(similarity[index]), 3)
                )


def load_matcher(
    *,
    lexicons: Sequence[Path] = (),
    company_names: Sequence[str] = (),
    encoder: SentenceEncoder | None = None,
) -> PhraseMatcher:
    """The service standard's matcher with site lexicons layered on top, in order."""
    paths = [*sorted(LEXICON_FOLDER.glob("*.yaml")), *lexicons]
    return PhraseMatcher(load_lexicon(paths), company_names=company_names, encoder=encoder)


@cache
def default_matcher() -> PhraseMatcher:
    """The service standard as shipped, without company names or encoder; built once."""
    return load_matcher()
