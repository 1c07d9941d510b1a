"""What the channels of a recording really hold: two sides, the same twice, one dead, or leakage.

A channel map is evidence, not proof: recorders double mono, drop a leg, swap sides, and bridges
let one side leak into the other. Everything here is judged from the sound alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from transcription.echo import Echo, measure_echo
from transcription.protocols import SAMPLE_RATE_HZ, ChannelVerdict, DecodedAudio, Samples

_FRAME_MS = 50
_FRAME = _FRAME_MS * SAMPLE_RATE_HZ // 1000
#: Frames this far above the floor of their channel, and above −60 dBFS, are activity.
_ABOVE_FLOOR_DB, _LEAST_DB = 10.0, -60.0
#: Less activity than this in a whole recording is a click, not a person.
_LEAST_ACTIVE_MS = 200
#: Levels of two copies of one sound differ by a constant; this is the spread left by coding.
_COPY_SPREAD_DB = 5.0
#: Copies differ in level by no more than this; a quieter twin is only leakage.
_COPY_LEVEL_DB = 15.0
#: Share of one channel that the other must explain, to be its copy (or its echo).
_COPY_SHARE = 0.35
#: So much sound that the other channel cannot explain is somebody's few words.
_OWN_DB, _OWN_MS = 10.0, 400
#: A mix of two channels leaves less than this share of itself unexplained by them.
_MIX_REST = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    index: int
    levels_db: NDArray[np.float32]
    active: NDArray[np.bool_]

    @property
    def loudness_db(self) -> float:
        return float(np.median(self.levels_db[self.active]))


def judge_channels(audio: DecodedAudio) -> ChannelVerdict:
    """Tell which channels to listen to, and whether they are separate speakers.

    Returns:
        `kind` `mono`, `separated`, `doubled_mono` or `one_dead_channel`. With more than two
        channels the two that differ most are kept (flag `extra_channels`). `leakage` is the
        larger share of one side that is the other's echo; from 0.1 on it is also a flag
        (`leakage 0.42, 35 ms, -18 dB`).
    """
    samples = audio.samples
    if audio.channels == 1:
        return ChannelVerdict(kind="mono", live_channels=(0,))
    sides = [side for index in range(audio.channels) if (side := _side(samples, index))]
    if not sides:
        return ChannelVerdict(kind="mono", live_channels=(0,), flags=("no_live_channel",))
    flags = ["dead_channel"] if len(sides) < min(2, audio.channels) else []
    distinct = _without_copies(samples, sides)
    if len(distinct) > 2:
        distinct = _two_sides(samples, distinct)
    if audio.channels > 2:
        flags.append("extra_channels")
    if len(distinct) == 1:
        return _single(distinct[0], sides, flags)
    pair = sorted(side.index for side in distinct)
    echoes = _echoes(samples[pair[0]], samples[pair[1]])
    leakage = max((echo.share for echo in echoes), default=0.0)
    if leakage >= 0.1:
        worst = max(echoes, key=lambda echo: echo.share)
        flags.append(f"leakage {worst.share:.2f}, {worst.lag_ms:.0f} ms, {worst.gain_db:.0f} dB")
    return ChannelVerdict(
        kind="separated",
        live_channels=tuple(pair),
        leakage=round(leakage, 2),
        flags=tuple(flags),
    )


def _single(kept: _Side, sides: Sequence[_Side], flags: Sequence[str]) -> ChannelVerdict:
    """One sound is left: a copy of it on another channel, or nobody but its echo there."""
    others = [side for side in sides if side is not kept]
    doubled = any(abs(side.loudness_db - kept.loudness_db) <= _COPY_LEVEL_DB for side in others)
    kind = "doubled_mono" if doubled else "one_dead_channel"
    return ChannelVerdict(
        kind=kind,
        live_channels=(kept.index,),
        flags=tuple(dict.fromkeys([kind, *flags])) if doubled else (kind, *flags[1:]),
    )


def _side(samples: Samples, index: int) -> _Side | None:
    """Levels of a channel, or None when nobody is on it."""
    levels = _levels(samples[index])
    active = _active(levels)
    if np.count_nonzero(active) * _FRAME_MS < _LEAST_ACTIVE_MS:
        return None
    return _Side(index=index, levels_db=levels, active=active)


def _active(levels_db: NDArray[np.float32]) -> NDArray[np.bool_]:
    floor = float(np.quantile(levels_db, 0.1)) if levels_db.size else 0.0
    # Somebody who never pauses has no floor of his own: a loud channel is active anyway.
    return levels_db > max(_LEAST_DB, min(floor + _ABOVE_FLOOR_DB, -35.0))


def _levels(channel: Samples) -> NDArray[np.float32]:
    """Level of every frame in dBFS, constant offset aside."""
    count = channel.size // _FRAME
    whole = channel[: count * _FRAME].reshape(count, _FRAME)
    power = whole.var(axis=1)
    return (10 * np.log10(power + 1e-12)).astype(np.float32)


def _without_copies(samples: Samples, sides: Sequence[_Side]) -> list[_Side]:
    """Drop channels that hold only what a louder one holds too."""
    kept: list[_Side] = []
    for side in sorted(sides, key=lambda s: -s.loudness_db):
        if not any(_is_copy(samples, side, other) for other in kept):
            kept.append(side)
    return kept


def _is_copy(samples: Samples, side: _Side, other: _Side) -> bool:
    """True when the waveforms agree at some lag and all activity runs parallel to the other's."""
    echo = measure_echo(samples[other.index], samples[side.index])
    if echo is None or echo.share < _COPY_SHARE:
        return False
    shift = round(echo.lag_ms * SAMPLE_RATE_HZ / 1000)
    size = samples.shape[1] - abs(shift)
    own = _levels(samples[side.index][max(0, shift) :][:size])
    theirs = _levels(samples[other.index][max(0, -shift) :][:size])
    apart = (own - theirs)[_active(own)]
    low, middle, high = np.quantile(apart, [0.1, 0.5, 0.9])
    own_words_ms = int(np.count_nonzero(apart > middle + _OWN_DB)) * _FRAME_MS
    return bool(high - low <= _COPY_SPREAD_DB and own_words_ms < _OWN_MS)


def _two_sides(samples: Samples, sides: Sequence[_Side]) -> list[_Side]:
    """Of three or more channels the two that explain each other least, mixes left out."""
    pure = [side for side in sides if not _is_mix(samples, side, sides)]
    candidates = pure if len(pure) >= 2 else list(sides)
    loud = sorted(candidates, key=lambda s: -float(np.count_nonzero(s.active)))[:4]
    return list(min(combinations(loud, 2), key=lambda pair: _together(*pair)))


def _is_mix(samples: Samples, side: _Side, sides: Sequence[_Side]) -> bool:
    target = _thinned(samples[side.index])
    for pair in combinations([s for s in sides if s is not side], 2):
        basis = np.stack([_thinned(samples[s.index]) for s in pair], axis=1)
        weights, *_ = np.linalg.lstsq(basis, target, rcond=None)
        rest = target - basis @ weights
        both = min(abs(weights)) > 0.1
        if both and float(rest @ rest) < _MIX_REST * float(target @ target):
            return True
    return False


def _thinned(channel: Samples) -> NDArray[np.float32]:
    """At most a minute of a channel in slices from all over it."""
    slices = 60
    size = min(SAMPLE_RATE_HZ, channel.size // slices)
    starts = np.linspace(0, channel.size - size, slices).astype(int)
    return np.concatenate([channel[a : a + size] for a in starts])


def _together(side: _Side, other: _Side) -> float:
    """Share of activity that both have at once."""
    either = int(np.count_nonzero(side.active | other.active))
    return int(np.count_nonzero(side.active & other.active)) / max(either, 1)


def _echoes(left: Samples, right: Samples) -> list[Echo]:
    found = [measure_echo(left, right), measure_echo(right, left)]
    return [echo for echo in found if echo is not None]
