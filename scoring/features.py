"""Measured speech of a call: talk, silence, overlap, rate, latency (dossier §2.1).

Pure functions of a transcript and its events; no sound is needed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from qa.analysis import CallEvent, EventKind, Gap, Overlap, OverlapKind, RoleStats, SpeechStats
from qa.calls import Role
from qa.intervals import Range, complement, intersect, subtract, total, union
from qa.text import count_units
from qa.transcript import Transcript, Turn
from scoring.activity import (
    PAUSE_MS,
    Activity,
    conversation_turns,
    measure_activity,
    turn_speech,
)
from scoring.overlaps import find_overlaps

#: Gaps shorter than this are ordinary turn taking and are not listed (own).
GAP_MS = 1_000
#: Silence counts as dead air from here on (dossier §2.1, "Notable ≥3 s").
NOTABLE_GAP_MS = 3_000
#: Gap lengths counted in `metrics` (dossier §2.1, "Dead air").
COUNTED_GAPS_S = (3, 5, 10, 20)
#: Turns shorter than this say nothing about the speech rate (dossier §2.1).
RATE_TURN_MS = 3_000
#: Less talk than this gives no speech rate (dossier S6.1).
RATE_TALK_MS = 30_000
#: A customer who replies to a statement within this time owned the pause (own).
REPLY_MS = 5_000
#: A customer turn this short may be only the beginning of an answer (own).
SHORT_UNITS = 6
#: A reply later than this is a gap, not a latency (own).
LATENCY_LIMIT_MS = 60_000

_QUESTION = re.compile(
    r"[?？]\s*$|(?:吗|呢|么|什么|多少|哪[里儿个些]?|几[个位号点]?|怎么样?|是不是|有没有|能不能|可不可以|对吧)"
    r"[啊呀的]?[。.\s]*$"
    r"|(?:^|[.!?]\s*)(?:what|when|where|which|who|how|why|could|can|would|will|do|does|did|is|are"
    r"|may|have)\b[^.!?]*\.?$",
    re.IGNORECASE,
)
# "May I ask you to hold?" leaves the agent with the floor.
_WAIT = re.compile(
    r"稍等|稍候|等一下|等待|别挂|不要挂|\b(?:hold|wait|moment|second)\b", re.IGNORECASE
)


def stats_from_turns(
    transcript: Transcript,
    *,
    events: Sequence[CallEvent] = (),
    speech: Mapping[Role, Sequence[Range]] | None = None,
) -> SpeechStats | None:
    """Measure a call. None when its turns carry no times.

    Args:
        transcript: Turns with roles; system and unknown voices count as sound, for nobody.
        events: Hold, music, IVR and ringing are kept out of talk, gaps and latency.
        speech: Speech ranges per role as measured on separate channels, where there are any;
            overlaps and silences are then finer than word times allow.

    Returns:
        Statistics without loudness, which is measured on the sound. `metrics` holds
        `call_ms, talk_ms, silence_share, quiet_share, gaps_Ns, agent_gaps_Ns, longest_gap_ms,
        hold_count, turn_count` and, where they can be known, `rate_ratio, overlap_share,
        agent_major_overlaps, agent_minor_overlaps, customer_major_overlaps,
        customer_minor_overlaps`.
    """
    if not transcript.timed:
        return None
    activity = measure_activity(transcript, events, speech)
    turns = conversation_turns(transcript, activity.excluded)
    start, end = activity.limits
    gaps = _gaps(transcript, activity)
    agent, customer = (
        _role_stats(role, turns, activity, transcript.language)
        for role in (Role.AGENT, Role.CUSTOMER)
    )
    overlaps = (
        find_overlaps(turns, activity, transcript.language) if transcript.true_overlap else None
    )
    talk = agent.talk_ms + customer.talk_ms
    stats = SpeechStats(
        speech_start_ms=start,
        speech_end_ms=end,
        agent=agent,
        customer=customer,
        gaps=gaps,
        overlaps=overlaps,
        talk_ratio=agent.talk_ms / talk if talk else None,
        hold_ms=total(_held(events, (start, end))),
    )
    return _with_metrics(stats, activity, events)


def asks(text: str) -> bool:
    """True when the text ends as a question, by mark, particle or word order (zh, en)."""
    return bool(_QUESTION.search(text.strip()))


def _gaps(transcript: Transcript, activity: Activity) -> tuple[Gap, ...]:
    limits = activity.limits
    turns = sorted(transcript.turns, key=lambda t: (t.end_ms, t.index))
    found = []
    for start, end in complement(union(activity.occupied), limits):
        if end - start < GAP_MS:
            continue
        before = [t for t in turns if t.start_ms < end and t.end_ms <= start + GAP_MS]
        after = min(
            (t for t in turns if t.start_ms >= start), key=lambda t: t.start_ms, default=None
        )
        found.append(
            Gap(
                start_ms=start,
                end_ms=end,
                owner=_owner(before, after, end - start, transcript.language),
                after_turn=before[-1].index if before else None,
            )
        )
    return tuple(found)


def _owner(before: Sequence[Turn], after: Turn | None, gap_ms: int, language: str) -> Role:
    """Who should have spoken (own): whoever was asked; else the one who then replied soon.

    Every other silence is the agent's, who leads the call. A customer who pauses inside the
    answer to a question keeps the floor.
    """
    if not before:
        return Role.AGENT
    last, follower = before[-1], after.role if after else Role.UNKNOWN
    if last.role == Role.AGENT:
        replied = follower == Role.CUSTOMER and gap_ms < REPLY_MS
        return Role.CUSTOMER if replied or _expects_answer(last) else Role.AGENT
    asked = len(before) > 1 and before[-2].role == Role.AGENT and _expects_answer(before[-2])
    short = count_units(last.text, last.language or language) < SHORT_UNITS
    if last.role == follower == Role.CUSTOMER and asked and short:
        return Role.CUSTOMER
    return Role.AGENT


def _expects_answer(turn: Turn) -> bool:
    return asks(turn.text) and not _WAIT.search(turn.text)


def _role_stats(role: Role, turns: Sequence[Turn], activity: Activity, language: str) -> RoleStats:
    own = [turn for turn in turns if turn.role == role]
    talk = total(activity.speech[role])
    return RoleStats(
        talk_ms=talk,
        turns=len(own),
        units=sum(_units(turn, language) for turn in own),
        rate_per_min=_rate(own, talk, language),
        latency_ms=_latency(role, turns, activity.excluded),
        longest_turn_ms=max((b - a for a, b in activity.stretches[role]), default=0),
    )


def _units(turn: Turn, language: str) -> int:
    return count_units(turn.text, turn.language or language)


def _rate(own: Sequence[Turn], talk_ms: int, language: str) -> float | None:
    if talk_ms < RATE_TALK_MS:
        return None
    long = [turn for turn in own if turn.duration_ms >= RATE_TURN_MS]
    speaking = sum(total(turn_speech(turn, pause_ms=PAUSE_MS)) for turn in long)
    if not speaking:
        return None
    return sum(_units(turn, language) for turn in long) / speaking * 60_000


def _latency(role: Role, turns: Sequence[Turn], excluded: Sequence[Range]) -> int | None:
    found = []
    ordered = sorted(turns, key=lambda t: (t.start_ms, t.end_ms))
    for last, turn in pairwise(ordered):
        if turn.role != role or last.role == role or turn.end_ms <= last.end_ms:
            continue
        wait = max(0, turn.start_ms - last.end_ms)
        if wait <= LATENCY_LIMIT_MS and not intersect([(last.end_ms, turn.start_ms)], excluded):
            found.append(wait)
    return round(median(found)) if found else None


def _held(events: Sequence[CallEvent], limits: Range) -> list[Range]:
    """Hold, and music inside the conversation, which can only be hold music."""
    holds = union(
        (e.start_ms, e.end_ms) for e in events if e.kind in (EventKind.HOLD, EventKind.MUSIC)
    )
    return intersect(holds, [limits])


def _with_metrics(
    stats: SpeechStats, activity: Activity, events: Sequence[CallEvent]
) -> SpeechStats:
    limits = (stats.speech_start_ms, stats.speech_end_ms)
    conversation = total(subtract([limits], activity.excluded)) if limits[0] < limits[1] else 0
    quiet = total(complement(activity.occupied, limits))
    notable = sum(g.duration_ms for g in stats.gaps if g.duration_ms >= NOTABLE_GAP_MS)
    metrics: dict[str, float] = {
        "call_ms": limits[1] - limits[0],
        "talk_ms": stats.agent.talk_ms + stats.customer.talk_ms,
        "silence_share": notable / conversation if conversation else 0.0,
        "quiet_share": quiet / conversation if conversation else 0.0,
        "longest_gap_ms": max((g.duration_ms for g in stats.gaps), default=0),
        "hold_count": len(_held(events, limits)),
        "turn_count": stats.agent.turns + stats.customer.turns,
    }
    for seconds in COUNTED_GAPS_S:
        long = [g for g in stats.gaps if g.duration_ms >= seconds * 1000]
        metrics[f"gaps_{seconds}s"] = len(long)
        metrics[f"agent_gaps_{seconds}s"] = sum(g.owner == Role.AGENT for g in long)
    if stats.agent.rate_per_min and stats.customer.rate_per_min:
        metrics["rate_ratio"] = stats.agent.rate_per_min / stats.customer.rate_per_min
    if stats.overlaps is not None:
        metrics |= _overlap_metrics(stats.overlaps, activity)
    return replace(stats, metrics=metrics)


def _overlap_metrics(overlaps: Sequence[Overlap], activity: Activity) -> dict[str, float]:
    """Overlap as a share of all talk, and interruptions by side. Back-channels are no overlap."""
    real = union((o.start_ms, o.end_ms) for o in overlaps if o.kind != OverlapKind.BACKCHANNEL)
    talk = total(union([*activity.speech[Role.AGENT], *activity.speech[Role.CUSTOMER]]))
    metrics: dict[str, float] = {"overlap_share": total(real) / talk if talk else 0.0}
    for role in (Role.AGENT, Role.CUSTOMER):
        for kind in (OverlapKind.MAJOR, OverlapKind.MINOR):
            count = sum(o.by == role and o.kind == kind for o in overlaps)
            metrics[f"{role}_{kind}_overlaps"] = count
    return metrics
