"""From frame probabilities to spans of speech."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transcription.diarizers.frames import Flags, Floats, frame_to_ms, runs_of
from transcription.protocols import Span

#: Probability at which somebody talks, and at which a second person talks as well: a faint second
#: voice under a loud one is more often an echo of doubt between windows than a voice.
_SPEAKING = 0.35
_TOGETHER = 0.6
#: Pauses of fewer frames (16.875 ms each) do not end a turn, unless somebody else talks in them;
#: shorter bursts are no speech.
_SHORTEST_PAUSE = 24
_SHORTEST_SPEECH = 6


def decide(probability: Floats) -> Flags:
    """(frames, speakers) who talks, from probabilities: short pauses filled, short bursts gone."""
    first = np.argmax(probability, axis=1)[:, None] == np.arange(probability.shape[1])
    talking = probability > np.where(first, _SPEAKING, _TOGETHER)
    for column in talking.T:
        for start, end in runs_of(column):
            if end - start < _SHORTEST_SPEECH:
                column[start:end] = False
    for column in talking.T:
        for start, end in runs_of(~column):
            inside = 0 < start and end < len(column)  # noqa: SIM300
            if inside and end - start < _SHORTEST_PAUSE and not talking[start:end].any():
                column[start:end] = True
    return talking


def one_at_a_time(talking: Flags, probability: Floats) -> Flags:
    """The same without overlap: the likelier speaker where several talk."""
    likeliest = np.argmax(np.where(talking, probability, -1.0), axis=1)
    return talking & (likeliest[:, None] == np.arange(talking.shape[1]))


def to_spans(talking: Flags, names: Sequence[str], *, limit_ms: int) -> tuple[Span, ...]:
    """Spans of every speaker, sorted by start, none beyond `limit_ms`."""
    frames = len(talking)
    spans = [
        Span(
            start_ms=frame_to_ms(start) if start else 0,
            end_ms=limit_ms if end == frames else min(frame_to_ms(end), limit_ms),
            speaker=name,
        )
        for name, column in zip(names, talking.T, strict=True)
        for start, end in runs_of(column)
    ]
    spans = [span for span in spans if span.start_ms < span.end_ms]
    return tuple(sorted(spans, key=lambda span: (span.start_ms, span.end_ms, span.speaker)))
