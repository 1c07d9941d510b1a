"""Phrase hits kept with the analysis: what was found once is not searched for again.

Hits are a function of (texts, roles, matcher): they are used only when both digests agree, so a
result is the same with and without them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from qa.analysis import Analysis, PhraseFinds
from qa.calls import Role
from qa.transcript import Transcript
from scoring.criteria.means import PhraseMatcher
from scoring.matching.values import RULE_CONFIDENCE, Hit

_SEARCHED = (Role.AGENT, Role.CUSTOMER, Role.SYSTEM)


def find_phrases(transcript: Transcript, matcher: PhraseMatcher) -> PhraseFinds:
    """Every bank hit in the turns of known speakers."""
    rows = [
        (pos, hit.bank, str(hit.match), hit.similarity, hit.start, hit.end, str(hit.effect))
        for pos, turn in enumerate(transcript.turns)
        if turn.role in _SEARCHED and turn.text
        for hit in matcher.hits(
            turn.text, language=turn.language or transcript.language, side=turn.role, banks=None
        )
    ]
    return PhraseFinds(matcher=matcher.digest, transcript=_identity(transcript), rows=tuple(rows))


def kept_hits(analysis: Analysis, matcher: PhraseMatcher) -> Mapping[int, list[Hit]] | None:
    """Hits by position of the turn, or None when they must be searched for."""
    finds = analysis.phrases
    if finds is None or finds.matcher != matcher.digest:
        return None
    if finds.transcript != _identity(analysis.transcript):
        return None
    found: dict[int, list[Hit]] = {}
    for pos, bank, match, similarity, start, end, effect in finds.rows:
        hit = Hit(
            bank=bank,
            match=match,
            similarity=similarity,
            start=start,
            end=end,
            effect=effect,
            pattern="",
            confidence=RULE_CONFIDENCE[match],
        )
        found.setdefault(pos, []).append(hit)
    return found


def _identity(transcript: Transcript) -> str:
    whole = "\n".join(f"{turn.role.value}\t{turn.text}" for turn in transcript.turns)
    content = whole.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=8).hexdigest()
