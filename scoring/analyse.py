"""Transcript to analysis: statistics, sentiment and facts from words and stored acoustics. Pure.

Needs no audio, so that swapping roles or correcting a turn re-scores a call at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qa.acoustics import Acoustics
from qa.analysis import Analysis, QualityIndex, RoleStats, SpeechStats
from qa.calls import Call, Role
from qa.intervals import Range
from qa.transcript import EngineStamp, Transcript
from scoring.features import stats_from_turns
from scoring.holds import detect_holds
from scoring.matching import PhraseMatcher
from scoring.phrasefinds import find_phrases
from scoring.sentiment import SentimentModel, sentiment_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Analysers:
    """What an analysis is made with; one per process."""

    matcher: PhraseMatcher
    sentiment: SentimentModel | None = None
    stamps: tuple[EngineStamp, ...] = ()


def analyse_transcript(
    call: Call,
    transcript: Transcript,
    analysers: Analysers,
    *,
    quality: QualityIndex | None = None,
    facts: Mapping[str, str] | None = None,
) -> Analysis:
    """Measure a transcript.

    Args:
        call: The call's metadata.
        transcript: Turns with roles; its `acoustics` are used where they are.
        analysers: Phrase matcher and sentiment model.
        quality: Trust in the recording, None for imported text.
        facts: Derived labels (call type, contact reason) to keep with the analysis.
    """
    heard = transcript.acoustics or Acoustics()
    stats = stats_from_turns(transcript, events=heard.events, speech=_by_role(transcript, heard))
    events = heard.events
    if stats is not None:
        holds = detect_holds(transcript, events, _asked_to_wait(transcript, analysers.matcher))
        if holds:
            events = tuple(sorted((*events, *holds), key=lambda event: event.start_ms))
            speech = _by_role(transcript, heard)
            stats = stats_from_turns(transcript, events=events, speech=speech)
    return Analysis(
        call=call,
        transcript=transcript,
        stats=_with_loudness(stats, transcript, heard) if stats else None,
        events=events,
        sentiment=sentiment_of(transcript, analysers.sentiment) if analysers.sentiment else None,
        quality=quality,
        facts=dict(facts or {}),
        stamps=analysers.stamps,
        phrases=find_phrases(transcript, analysers.matcher),
    )


def _by_role(transcript: Transcript, heard: Acoustics) -> dict[Role, Sequence[Range]] | None:
    """Activity per role, where every talking side has a channel of its own."""
    found: dict[Role, list[Range]] = {}
    for speaker, ranges in heard.activity.items():
        role = transcript.roles.roles.get(speaker, Role.UNKNOWN)
        if role in (Role.AGENT, Role.CUSTOMER):
            found.setdefault(role, []).extend((start, end) for start, end in ranges)
    return {role: sorted(ranges) for role, ranges in found.items()} or None


def _asked_to_wait(transcript: Transcript, matcher: PhraseMatcher) -> set[int]:
    """Indices of turns in which the agent asks the customer to hold (bank H1)."""
    return {
        turn.index
        for turn in transcript.turns_of(Role.AGENT)
        if matcher.hits(
            turn.text,
            language=turn.language or transcript.language,
            side=Role.AGENT,
            banks=("H1",),
        )
    }


def _with_loudness(stats: SpeechStats, transcript: Transcript, heard: Acoustics) -> SpeechStats:
    return replace(
        stats,
        agent=_louder(stats.agent, Role.AGENT, transcript, heard),
        customer=_louder(stats.customer, Role.CUSTOMER, transcript, heard),
    )


def _louder(own: RoleStats, role: Role, transcript: Transcript, heard: Acoustics) -> RoleStats:
    labels = [label for label, known in transcript.roles.roles.items() if known == role]
    levels = [heard.loudness[label] for label in labels if label in heard.loudness]
    if not levels:
        return own
    loudest = max(levels, key=lambda level: level.median_db)
    return replace(
        own,
        loudness_db=loudest.median_db,
        clipping_share=loudest.clipping_share,
        loudness_jumps=sum(level.jumps for level in levels),
    )
