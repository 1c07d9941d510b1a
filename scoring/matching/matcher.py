"""The phrase matcher: one pass over a text finds every bank, by whatever tier it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from rapidfuzz import fuzz, process

from qa.calls import Role
from qa.codec import digest
from qa.evaluation import Bilingual
from qa.text import has_han, normalise
from scoring.matching.finds import Finds, Judges
from scoring.matching.index import AnchorIndex
from scoring.matching.lexicon import Lexicon, load_lexicon
from scoring.matching.likeness import Likeness, Witness, load_likeness, load_witness
from scoring.matching.near import NearIndex
from scoring.matching.patterns import FOLD_YOU, FramePattern, Pattern, build_patterns
from scoring.matching.pinyin import syllables
from scoring.matching.values import (
    EXACT,
    HOMOPHONE,
    REGEX,
    Bank,
    BankKind,
    Hit,
)

LEXICON_FOLDER = Path(__file__).parent.parent / "lexicons" / "service-standard"
LIKENESS_FILE = LEXICON_FOLDER / "likeness.npz"
WITNESS_FILE = LEXICON_FOLDER / "witness.npz"
SEMANTIC_CUTOFF = 0.82
FRAME_BY_SOUND = 0.9  # similarity reported for a frame found in syllables: slots are not compared


class SentenceEncoder(Protocol):
    """Anything that turns sentences into unit vectors (rows)."""

    def encode(self, texts: list[str]) -> np.ndarray:
        """Vectors of length one, shape (texts, dimensions)."""
        ...


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
        likeness: Likeness | None = None,
        witness: Witness | None = None,
    ) -> None:
        self._lexicon = lexicon
        self._companies = tuple(company_names)
        self.encoder = encoder
        self.banks: Mapping[str, Bank] = MappingProxyType(
            {name: rules.bank for name, rules in lexicon.rules.items()}
        )
        self.words = lexicon.words
        self._titles = {bank.id: title_of(bank) for bank in self.banks.values()}
        self.digest = digest(
            [
                lexicon.digest,
                self._companies,
                type(encoder).__qualname__,
                likeness.digest if likeness else "",
                witness.digest if witness else "",
            ]
        )
        names = tuple(name for name in (_plain(company) for company in company_names) if name)
        patterns = build_patterns(lexicon, {"company": names})
        self._judges = Judges(
            likeness=likeness,
            witness=witness,
            doubts={(p.bank, p.language): p.doubts for p in patterns},
        )
        self._layers = {
            side: _Layer([p for p in patterns if self.banks[p.bank].side is side])
            for side in (Role.AGENT, Role.CUSTOMER)
        }
        phrases = [p for p in patterns if isinstance(p, FramePattern) and p.exact]
        self._exemplars = _Exemplars(phrases, encoder) if encoder is not None else None
        self._allowed = {
            side: likeness.mask(frozenset(b.id for b in self.banks.values() if b.side is side))
            for side in (Role.AGENT, Role.CUSTOMER)
            if likeness is not None
        }
        self._scan = lru_cache(maxsize=8192)(self._scan_uncached)

    def with_slots(self, *, company: Sequence[str]) -> PhraseMatcher:
        """The same lexicon with other company names."""
        return PhraseMatcher(
            self._lexicon,
            company_names=company,
            encoder=self.encoder,
            likeness=self._judges.likeness,
            witness=self._judges.witness,
        )

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
        found = self._both(text) if side is None or side is Role.UNKNOWN else self._one(text, side)
        if banks is not None:
            found = tuple(hit for hit in found if hit.bank in banks)
        if side is Role.UNKNOWN:
            return tuple(
                replace(hit, effect="candidate") if hit.effect == "deduct" else hit for hit in found
            )
        if side is Role.SYSTEM:
            return tuple(hit for hit in found if self.banks[hit.bank].kind is BankKind.POSITIVE)
        return found

    def _one(self, text: str, side: Role) -> tuple[Hit, ...]:
        return self._scan(text, Role.CUSTOMER if side is Role.CUSTOMER else Role.AGENT)

    def _both(self, text: str) -> tuple[Hit, ...]:
        hits = self._scan(text, Role.AGENT) + self._scan(text, Role.CUSTOMER)
        return tuple(sorted(hits, key=lambda hit: (hit.start, hit.end, hit.bank)))

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

    def title(self, bank: str) -> Bilingual | None:
        """What people call a bank, in both languages; None when there is no such bank."""
        return self._titles.get(bank)

    def _scan_uncached(self, text: str, side: Role) -> tuple[Hit, ...]:
        heard = normalise(text)
        if not heard.text:
            return ()
        layer = self._layers[side]
        finds = Finds(self.banks, heard, self._judges)
        layer.search_text(finds)
        if has_han(heard.text):
            layer.search_sounds(finds)
        layer.search_near(finds)
        likeness = self._judges.likeness
        if likeness is not None:
            finds.add_likely(likeness.find(finds.folded, self._allowed[side]))
        if self._exemplars is not None:
            self._exemplars.search(finds, side)
        return finds.result()


class _Layer:
    """The patterns of one side of the conversation, indexed."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = patterns
        self._text_index = AnchorIndex(patterns, by_sound=False)
        self._sound_index = AnchorIndex(patterns, by_sound=True)
        phrases = [p for p in patterns if isinstance(p, FramePattern) and p.exact]
        self._near = NearIndex(phrases, _plain)

    def search_text(self, finds: Finds) -> None:
        """Exact phrases, frames and raw expressions."""
        starts = self._text_index.starts(finds.compact, finds.positions)
        for index in self._text_index.unanchored:
            starts.setdefault(index, [])
        for index in sorted(starts):
            pattern = self._patterns[index]
            text = finds.as_heard if pattern.exact_you else finds.folded
            for span in pattern.spans(text, starts[index]):
                finds.add(pattern, EXACT if pattern.exact else REGEX, 1.0, span)

    def search_sounds(self, finds: Finds) -> None:
        """Frames and phrases by their syllables, for banks not found as written."""
        starts = self._sound_index.starts(finds.compact_sounds, finds.positions)
        for index in sorted(starts):
            pattern = self._patterns[index]
            if pattern.bank in finds.settled:
                continue
            for span in pattern.sound_spans(finds.sounds, starts[index]):
                finds.add(pattern, HOMOPHONE, FRAME_BY_SOUND, span, by_sound=True)

    def search_near(self, finds: Finds) -> None:
        """Listed phrases within a small edit distance, for banks not found as written."""
        skip = frozenset(finds.settled)
        near = self._near.find(finds.compact, finds.compact_sounds, skip)
        for pattern, tier, similarity, start, end in sorted(near, key=lambda found: found[2:]):
            span = finds.positions[start], finds.positions[end - 1] + 1
            finds.add(pattern, tier, similarity, span, by_sound=tier == HOMOPHONE)


def title_of(bank: Bank) -> Bilingual:
    """A site's bank may be named in one language only."""
    either = next(iter(bank.title.values()), bank.id)
    return Bilingual(zh=bank.title.get("zh", either), en=bank.title.get("en", either))


def _plain(text: str) -> str:
    """Normalised text without breaks, 您 and 你 as one."""
    return normalise(text).without_breaks().text.translate(FOLD_YOU).strip()


def _window_ratio(left: str, right: str, **options: Any) -> float:
    """Partial ratio that does not reward a short heard text for lying inside a long phrase."""
    score = fuzz.partial_ratio(left, right, **options)
    return score * min(1.0, len(left) / len(right)) if right else 0.0


class _Exemplars:
    """The listed phrases as vectors, compared by meaning with texts no other tier explained."""

    def __init__(self, phrases: Sequence[FramePattern], encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._phrases = [p for p in phrases if len(_plain(p.source)) >= 4]
        vectors = encoder.encode([p.source for p in self._phrases])
        self._vectors = np.asarray(vectors, dtype=np.float32)  # (phrases, dimensions)

    def search(self, finds: Finds, side: Role) -> None:
        """Add a semantic find for each open bank of `side` that is close enough in meaning."""
        open_banks = {name for name in finds.open_banks() if finds.bank(name).side is side}
        if not open_banks or len(finds.compact) < 4:
            return
        query = np.asarray(self._encoder.encode([finds.compact]), dtype=np.float32)[0]
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
    return PhraseMatcher(
        load_lexicon(paths),
        company_names=company_names,
        encoder=encoder,
        likeness=load_likeness(LIKENESS_FILE),
        witness=load_witness(WITNESS_FILE),
    )


@cache
def default_matcher() -> PhraseMatcher:
    """The service standard as shipped, without company names or encoder; built once."""
    return load_matcher()
