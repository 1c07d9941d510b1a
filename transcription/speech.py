"""Where somebody speaks: Silero VAD tuned for calls, with music and tones taken out."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qa.analysis import CallEvent, EventKind
from qa.errors import ModelError
from qa.intervals import Range, subtract, union
from transcription.events import find_events
from transcription.protocols import SAMPLE_RATE_HZ, Samples, Span

#: The model judges windows of 32 ms, each seen with the last 4 ms of the one before.
WINDOW = 512
WINDOW_MS = WINDOW * 1000 // SAMPLE_RATE_HZ
_CONTEXT = 64
#: Windows per run: bounds memory at about 60 MB whatever the length of the call.
_BATCH = 1024
#: Quiet channels are raised so that their louder parts reach this level, at most by 20 dB.
_SPEECH_LEVEL, _MOST_GAIN = 0.1, 10.0

_TONES = ("dtmf", "beep")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSettings:
    """When a window counts as speech. The defaults let a single short 嗯, 好的 or "yes" survive.

    Attributes:
        start: Probability that opens a span.
        keep: Probability that keeps it open.
        min_speech_ms: Shorter spans are clicks.
        min_silence_ms: Shorter pauses do not split a span.
        pad_ms: Added on both sides, so that soft beginnings and endings are transcribed.
    """

    start: float = 0.4
    keep: float = 0.25
    min_speech_ms: int = 90
    min_silence_ms: int = 300
    pad_ms: int = 200


class SileroDetector:
    """`SpeechDetector` on the Silero v6 model that faster-whisper ships; one thread, no torch.

    Safe to share between threads: the model keeps no state between calls.
    """

    def __init__(self, settings: SpeechSettings | None = None) -> None:
        self._settings = settings or SpeechSettings()

    def speech(self, samples: Samples) -> tuple[Span, ...]:
        """Speech spans of one channel `(n,)`, without music and call-progress tones."""
        return self.listen(samples)[0]

    def events(self, samples: Samples) -> tuple[CallEvent, ...]:
        """Music, ringback, tones and noise of one channel `(n,)`."""
        return self.listen(samples)[1]

    def listen(self, samples: Samples) -> tuple[tuple[Span, ...], tuple[CallEvent, ...]]:
        """Speech and events at once, for the price of one."""
        chances = speech_probabilities(samples)
        events = find_events(samples, chances)
        unheard = union((e.start_ms, e.end_ms) for e in events if _is_unheard(e))
        length_ms = samples.size * 1000 // SAMPLE_RATE_HZ
        spans = speech_spans(chances, length_ms, settings=self._settings)
        kept = [
            (start, end)
            for start, end in subtract(spans, unheard)
            if end - start >= self._settings.min_speech_ms
        ]
        return tuple(Span(start_ms=start, end_ms=end) for start, end in kept), events


def _is_unheard(event: CallEvent) -> bool:
    """What must not reach the recogniser: it writes words over music and tones."""
    return event.kind in (EventKind.MUSIC, EventKind.RINGBACK) or event.note in _TONES


def speech_probabilities(samples: Samples) -> NDArray[np.float32]:
    """Probability of speech in every window of `WINDOW` samples of one channel `(n,)`."""
    if not samples.size:
        return np.zeros(0, np.float32)
    session = _session()
    gain = _gain(samples)
    count = -(-samples.size // WINDOW)
    state = np.zeros((1, 1, 128), np.float32)
    cell = np.zeros((1, 1, 128), np.float32)
    found: list[NDArray[np.float32]] = []
    for first in range(0, count, _BATCH):
        last = min(count, first + _BATCH)
        windows = _windows(samples, first, last) * gain
        chances, state, cell = session.run(None, {"input": windows, "h": state, "c": cell})
        found.append(chances.reshape(-1))
    return np.concatenate(found)


def speech_spans(
    chances: Sequence[float] | NDArray[np.float32],
    length_ms: int,
    *,
    settings: SpeechSettings | None = None,
) -> list[Range]:
    """Turn window probabilities into padded ranges: opens at `start`, closes under `keep`."""
    rules = settings or SpeechSettings()
    values = np.asarray(chances)
    kept = _runs(values >= rules.keep)
    sure = np.flatnonzero(values >= rules.start).tolist()
    opened = [
        (first * WINDOW_MS, last * WINDOW_MS)
        for first, last in kept
        if bisect.bisect_left(sure, first) < bisect.bisect_left(sure, last)
    ]
    spans = [
        span
        for span in union(opened, bridge_ms=rules.min_silence_ms)
        if span[1] - span[0] >= rules.min_speech_ms
    ]
    return _padded(spans, length_ms, rules.pad_ms)


def _padded(spans: Sequence[Range], length_ms: int, pad_ms: int) -> list[Range]:
    """Pad both sides; where two spans would meet, each gets half of the pause."""
    found = []
    for at, (start, end) in enumerate(spans):
        before = (spans[at - 1][1] + start) // 2 if at else 0
        after = (end + spans[at + 1][0]) // 2 if at + 1 < len(spans) else length_ms
        found.append((max(before, start - pad_ms), min(after, end + pad_ms, length_ms)))
    return found


def _runs(mask: NDArray[np.bool_]) -> list[Range]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _windows(samples: Samples, first: int, last: int) -> NDArray[np.float32]:
    """Windows `first`…`last` with their context, zero-padded at both ends of the channel."""
    begin, end = first * WINDOW - _CONTEXT, last * WINDOW
    piece = samples[max(0, begin) : min(end, samples.size)]
    padded = np.pad(piece, (max(0, -begin), max(0, end - samples.size)))
    rows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW + _CONTEXT)[::WINDOW]
    return np.ascontiguousarray(rows, np.float32)


def _gain(samples: Samples) -> np.float32:
    whole = samples[: samples.size // WINDOW * WINDOW].reshape(-1, WINDOW)
    if not len(whole):
        return np.float32(1)
    level = np.sqrt(np.quantile(np.einsum("ij,ij->i", whole, whole) / WINDOW, 0.95))
    return np.float32(np.clip(_SPEECH_LEVEL / max(float(level), 1e-6), 1, _MOST_GAIN))


@lru_cache(maxsize=1)
def _session() -> Any:
    """The model, loaded once; imported late because only this adapter needs onnxruntime."""
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    package = find_spec("faster_whisper")
    if package is None or not package.origin:
        raise ModelError(
            "the voice detector is missing",
            "faster-whisper",
            "install the asr extra: pip install 'call-quality[asr]'",
        )
    path = Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )
