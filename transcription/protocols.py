"""What the parts of transcription hand to each other: arrays stay inside this package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qa.analysis import CallEvent
from qa.transcript import EngineStamp, Word

Samples = NDArray[np.float32]

#: Everything after decoding runs at this rate.
SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedAudio:
    """Sound as float32 in −1…1 at 16 kHz.

    Attributes:
        samples: (channels, n).
        source_rate_hz: Sampling rate of the file before resampling.
        flags: `truncated`, `clipped`, `dc_offset`, `gaps_filled` …
    """

    samples: Samples
    codec: str
    source_rate_hz: int
    flags: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def duration_ms(self) -> int:
        """Length of the sound."""
        return int(self.samples.shape[1]) * 1000 // SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Speech of one speaker (or one channel), half-open in ms."""

    start_ms: int
    end_ms: int
    speaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelVerdict:
    """What the channels of a recording really hold.

    Attributes:
        kind: `mono`, `separated` (channel = speaker), `doubled_mono`, or `one_dead_channel`.
        live_channels: Indices worth listening to.
        leakage: 0–1, how much of the quieter side is the other side's echo.
    """

    kind: str
    live_channels: tuple[int, ...]
    leakage: float = 0.0
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """Who speaks when.

    Attributes:
        spans: Speech with overlaps, sorted by start; several speakers may talk at once.
        exclusive: The same without overlap, for aligning words (mono); equal to `spans` otherwise.
        embeddings: Speaker label → unit-length voice vector, where one was computed.
    """

    spans: tuple[Span, ...]
    exclusive: tuple[Span, ...]
    embeddings: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    stamp: EngineStamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSegment:
    """One recognised stretch of one channel, before clean-up.

    Attributes:
        words: Word times relative to the file.
        no_speech: The recogniser's probability that nobody spoke, 0–1.
        compression: zlib ratio of the text; loops exceed 2.4.
        mean_logprob: Mean token log-probability.
    """

    text: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    no_speech: float = 0.0
    compression: float = 1.0
    mean_logprob: float = 0.0
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Side:
    """A channel to listen to: its sound `(n,)`, and where in it somebody speaks."""

    samples: Samples
    spans: Sequence[Span]


class Transcriber(Protocol):
    """A speech recogniser. One instance per process; not shared between threads.

    All sides of a call are handed over at once: an engine that hears in windows or batches fills
    them best when it sees everything.
    """

    stamp: EngineStamp

    def detect_language(self, sides: Sequence[Side]) -> tuple[str, float]:
        """ISO 639-1 code and probability, heard from the speech of the sides; `("", 0.0)`: none."""
        ...

    def transcribe(
        self, sides: Sequence[Side], *, language: str, hotwords: Sequence[str] = ()
    ) -> tuple[tuple[HeardSegment, ...], ...]:
        """What is said on each side, in its order; nothing outside the spans is heard."""
        ...


class Diarizer(Protocol):
    """Separates the speakers of a mono channel. One instance per process."""

    stamp: EngineStamp

    def separate(
        self, samples: Samples, *, min_speakers: int = 1, max_speakers: int = 3
    ) -> Separation:
        """Who speaks when in one channel `(n,)`. No speech gives an empty separation."""
        ...


class SpeechDetector(Protocol):
    """Finds speech, and stretches that are not conversation (music, ringback, noise)."""

    def speech(self, samples: Samples) -> tuple[Span, ...]:
        """Speech spans of one channel `(n,)`."""
        ...

    def events(self, samples: Samples) -> tuple[CallEvent, ...]:
        """Music, ringback and noise of one channel `(n,)`."""
        ...
