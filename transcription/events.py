"""Stretches of a channel that are not conversation: music, ringback, keys, beeps, noise.

Plain signal processing, so the same in every language. The voice detector's opinion comes in as
probabilities; music and tones found here are then kept away from the recogniser.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qa.analysis import CallEvent, EventKind
from qa.intervals import Range, subtract, union
from transcription.music import bars_of, find_music, steps_of
from transcription.protocols import SAMPLE_RATE_HZ, Samples
from transcription.spectrum import FINE, SHARP, STEP_MS, power_spectra
from transcription.tones import Pitches, find_keys, find_tones, pitches_of

#: One probability of speech covers this much sound.
_WINDOW_MS = 32
_DOUBTFUL, _SPEECH, _SURE = 0.2, 0.5, 0.85
#: Pauses up to this long belong to the speech around them, not to noise.
_SPEECH_PAUSE_MS = 1_000
#: Sound without speech above this level, for this long, is noise (own).
_NOISE_DB = -45.0
_NOISE_MS = 3_000


def find_events(samples: Samples, chances: NDArray[np.float32]) -> tuple[CallEvent, ...]:
    """Find everything in one channel `(n,)` that is not conversation.

    Args:
        samples: One channel at 16 kHz.
        chances: Probability of speech per 32 ms window (`speech.speech_probabilities`).

    Returns:
        MUSIC, RINGBACK (note `ringback` or `busy`) and NOISE (note `dtmf`, `beep`, or `noise`),
        in order of time.
    """
    if not samples.size:
        return ()
    bars, keys = _fine(samples)
    parts = [pitches_of(power, SHARP) for power in power_spectra(samples, SHARP)]
    tones, notes = find_tones(Pitches.joined(parts))
    levels, speech = _levels(samples), _speech(chances, least=_SPEECH)
    # The last frame may reach beyond the sound: then bars have one step more than levels.
    whole = min(len(bars), len(levels))
    music = find_music(
        bars[:whole],
        levels[:whole],
        speech=speech,
        sure=_speech(chances, least=_SURE),
        notes=notes,
        tones=[(e.start_ms, e.end_ms) for e in [*tones, *keys] if e.note != "beep"],
    )
    inside = union((e.start_ms, e.end_ms) for e in music)
    tones = [e for e in [*tones, *keys] if subtract([(e.start_ms, e.end_ms)], inside)]
    doubtful = union(_speech(chances, least=0), bridge_ms=_SPEECH_PAUSE_MS)
    taken = union([*inside, *((e.start_ms, e.end_ms) for e in tones), *doubtful])
    length_ms = samples.size * 1000 // SAMPLE_RATE_HZ
    events = [_to_end(e, length_ms) for e in [*music, *tones, *_noise(levels, taken)]]
    return tuple(sorted(events, key=lambda e: (e.start_ms, e.end_ms)))


def _to_end(event: CallEvent, length_ms: int) -> CallEvent:
    """Events are found in whole steps; what lasts to the last one lasts to the end."""
    in_steps = event.kind == EventKind.MUSIC or event.note == "noise"
    if in_steps and length_ms - event.end_ms < STEP_MS:
        return replace(event, end_ms=length_ms)
    return replace(event, end_ms=min(event.end_ms, length_ms))


def _fine(samples: Samples) -> tuple[NDArray[np.float32], list[CallEvent]]:
    """Bars per step, and telephone keys."""
    steps, pitches = [], []
    for power in power_spectra(samples, FINE):
        steps.append(steps_of(bars_of(power)))
        pitches.append(pitches_of(power, FINE))
    return np.concatenate(steps), find_keys(Pitches.joined(pitches))


def _levels(samples: Samples) -> NDArray[np.float32]:
    """Level of every whole step in dBFS."""
    size = FINE.step * FINE.hop
    whole = samples[: samples.size // size * size].reshape(-1, size)
    power = np.einsum("ij,ij->i", whole, whole) / size
    return (10 * np.log10(power + 1e-12)).astype(np.float32)


def _speech(chances: NDArray[np.float32], *, least: float) -> list[Range]:
    """Stretches of likely windows that somewhere reach `least`; on music the model only wavers."""
    floor = min(_SPEECH, max(least, _DOUBTFUL))
    windows = [(at, at + 1) for at in np.flatnonzero(chances >= floor).tolist()]
    return [
        (first * _WINDOW_MS, last * _WINDOW_MS)
        for first, last in union(windows, bridge_ms=4)
        if float(chances[first:last].max()) >= least
    ]


def _noise(levels: NDArray[np.float32], taken: list[Range]) -> list[CallEvent]:
    loud = np.flatnonzero(levels > _NOISE_DB).tolist()
    free = subtract(union((at * STEP_MS, (at + 1) * STEP_MS) for at in loud), taken)
    return [
        CallEvent(kind=EventKind.NOISE, start_ms=start, end_ms=end, confidence=0.7, note="noise")
        for start, end in union(free, bridge_ms=200)
        if end - start >= _NOISE_MS
    ]
