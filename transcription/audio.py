"""Decode any telephone or contact-centre recording to float32 at 16 kHz, one row per channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from transcription.containers import RawFormat
from transcription.opening import RATES_HZ, OpenedSound, Source, open_sound
from transcription.protocols import SAMPLE_RATE_HZ, DecodedAudio, Samples
from transcription.refusals import DamagedAudioError, EmptyAudioError, ShortAudioError
from transcription.soundtrack import SoundTrack

#: Shorter recordings hold no word.
MIN_MS = 500
#: A file may end this much before its header says without being called truncated.
_END_SLACK_S, _END_SLACK_SHARE = 0.5, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file says about itself; `duration_ms` is 0 where it does not say."""

    codec: str
    channels: int
    sample_rate_hz: int
    duration_ms: int


def decode(source: Source, *, place: str = "", raw: RawFormat | None = None) -> DecodedAudio:
    """Decode a recording.

    Args:
        source: Path, or a seekable binary file.
        place: How errors name the recording; the file's name by default.
        raw: Codec and rate for files without a header, where the site knows them.

    Returns:
        Every channel at 16 kHz, free of constant offset. Flags: `truncated` (ends early),
        `damaged` (undecodable stretches were left out or filled), `gaps_filled` (holes in the
        time stamps became silence), `dc_offset`, `rescaled` (float samples far above 1),
        `rate_conflict`, `length_conflict` (the header contradicts itself or the file),
        `raw_assumed`, `rate_changed`, `channels_changed`, `clock_jumped`, `silent`.

    Raises:
        AudioError: One of `transcription.refusals`, with `code`, place and remedy.
    """
    with open_sound(source, place, raw) as opened:
        track = SoundTrack(seconds=opened.stated_seconds)
        lost = _fill(track, opened)
        flags = [*opened.flags, *lost]
        stated = opened.stated_seconds if opened.length_is_known else 0.0
    samples, rate_hz = track.finish()
    if not samples.shape[1] and lost:
        raise DamagedAudioError("nothing in it can be decoded", opened.place, "export it again")
    _require_sound(samples, opened.place)
    seconds = samples.shape[1] / SAMPLE_RATE_HZ
    if seconds < stated - max(_END_SLACK_S, stated * _END_SLACK_SHARE):
        flags.append("truncated")
    flags += [*track.flags, *_condition(samples)]
    return DecodedAudio(
        samples=samples,
        codec=opened.codec,
        source_rate_hz=rate_hz,
        flags=tuple(dict.fromkeys(flags)),
    )


def probe(source: Source, *, place: str = "", raw: RawFormat | None = None) -> Probe:
    """Codec, channels, rate and length from the header, without decoding. Errors as `decode`."""
    with open_sound(source, place, raw) as opened:
        context = opened.stream.codec_context
        return Probe(
            codec=opened.codec,
            channels=int(context.channels),
            sample_rate_hz=opened.rate_hz or int(context.sample_rate),
            duration_ms=round(opened.stated_seconds * 1000),
        )


def blocks(source: Source, *, start_ms: int = 0) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Decoded blocks from about `start_ms` on: (start in ms, rate in Hz, samples (channels, n)).

    For playing a stretch of a long file: seeks instead of decoding from the start, so the first
    block may begin earlier than asked. Errors as `decode`.
    """
    with open_sound(source, "", None) as opened:
        stream = opened.stream
        if start_ms > 0:
            _seek(opened, start_ms)
        begun: float | None = None
        for frame in _frames(opened, []):
            rate = opened.rate_hz or int(frame.sample_rate)
            if frame.pts is not None and stream.time_base is not None:
                begun = float((frame.pts - (stream.start_time or 0)) * stream.time_base)
            elif begun is None:
                begun = 0.0
            yield round(begun * 1000), rate, as_float(frame)
            begun += frame.samples / rate


def as_float(frame: Any) -> NDArray[np.float32]:
    """The samples of a PyAV frame as float32 (channels, n), full scale ±1."""
    try:
        data = frame.to_ndarray()
    except ValueError as error:  # 64-bit integers, which nobody records and a header may claim
        name = frame.format.name
        remedy = "export it again, as 16-bit PCM"
        raise DamagedAudioError(f"samples of kind {name!r} are not read", "", remedy) from error
    if not frame.format.is_planar:
        data = data.reshape(-1, len(frame.layout.channels)).T
    if data.dtype == np.uint8:
        return (data.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(data.dtype, np.integer):
        return data.astype(np.float32) / float(-np.iinfo(data.dtype).min)
    return np.nan_to_num(data.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)


def _seek(opened: OpenedSound, start_ms: int) -> None:
    try:
        opened.container.seek(start_ms * 1000, backward=True, any_frame=False)
    except av.FFmpegError:
        opened.container.seek(0)


def _fill(track: SoundTrack, opened: OpenedSound) -> list[str]:
    """Decode everything into the track; what cannot be decoded is left out and flagged."""
    flags: list[str] = []
    time_base = opened.stream.time_base
    for frame in _frames(opened, flags):
        rate = opened.rate_hz or int(frame.sample_rate)
        if rate not in RATES_HZ:
            raise DamagedAudioError(
                f"a sampling rate of {rate} Hz is impossible", opened.place, "export it again"
            )
        at = None if frame.pts is None or time_base is None else float(frame.pts * time_base)
        track.add(as_float(frame), rate_hz=rate, at_s=None if opened.rate_hz else at)
    return flags


def _frames(opened: OpenedSound, flags: list[str]) -> Iterator[Any]:
    stream = opened.stream
    failed = False
    packets = opened.container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            failed = True
            break
        if packet is None:
            break
        try:
            frames = stream.codec_context.decode(packet if packet.size else None)
        except av.FFmpegError:
            failed = True
            continue
        if frames and failed:
            flags.append("damaged")
            failed = False
        yield from frames
    if failed:
        flags.append("truncated")


def _require_sound(samples: Samples, place: str) -> None:
    if samples.shape[1] == 0:
        raise EmptyAudioError("the file holds no sound", place, "send it again")
    length_ms = samples.shape[1] * 1000 // SAMPLE_RATE_HZ
    if length_ms < MIN_MS:
        raise ShortAudioError(
            f"only {length_ms} ms of sound, less than {MIN_MS} ms", place, "exclude such calls"
        )


def _condition(samples: Samples) -> list[str]:
    """Bring the samples into range and remove constant offset, in place; say what was wrong."""
    flags = []
    peak = max(float(-samples.min()), float(samples.max()))
    if peak > 4:
        samples /= peak
        flags.append("rescaled")
    for row in range(len(samples)):
        offset = float(samples[row].mean(dtype=np.float64))
        if abs(offset) > 0.001:
            samples[row] -= np.float32(offset)
        if abs(offset) > 0.01:
            flags.append("dc_offset")
    np.clip(samples, -1.0, 1.0, out=samples)
    if _is_silent(samples):
        flags.append("silent")
    return flags


def _is_silent(samples: Samples) -> bool:
    """Less than 300 ms above −60 dBFS in every channel."""
    block = SAMPLE_RATE_HZ // 10
    whole = samples.shape[1] // block * block
    for channel in samples:
        shaped = channel[:whole].reshape(-1, block)
        power = np.einsum("ij,ij->i", shaped, shaped) / block
        if np.count_nonzero(power > 1e-6) >= 3:
            return False
    return True
