"""What was heard beside the words: kept with the transcript, so that no later stage needs audio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class EventKind(StrEnum):
    """Stretches of a call that are not conversation."""

    HOLD = "hold"
    MUSIC = "music"
    IVR = "ivr"
    RINGBACK = "ringback"
    TRANSFER = "transfer"
    NOISE = "noise"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Something with a start and an end that is kept out of talk metrics and phrase evidence."""

    kind: EventKind
    start_ms: int
    end_ms: int
    confidence: float = 1.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """One speaker's level: median speech RMS in dBFS, share of clipped samples, sudden jumps."""

    median_db: float
    clipping_share: float = 0.0
    jumps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalQuality:
    """The line: speech-to-noise ratio, clipped share of samples, highest frequency with speech."""

    snr_db: float | None = None
    clipping_share: float | None = None
    bandwidth_hz: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acoustics:
    """Measured on the recording, by speaker label (roles may be swapped later).

    Attributes:
        activity: Speaker label → speech ranges `(start_ms, end_ms)`, where each speaker has a
            channel of their own; empty for mono.
        speech_transcribed_share: Share of detected speech that ended up as words, 0–1.
    """

    events: tuple[CallEvent, ...] = ()
    activity: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    loudness: Mapping[str, Loudness] = field(default_factory=dict)
    signal: SignalQuality | None = None
    speech_transcribed_share: float | None = None
