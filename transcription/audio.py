"""Decode any telephone or contact-centre recording to float32 at 16 kHz, one row per channel."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from transcription.containers import Container, RawFormat, read_wav_header, recognise
from transcription.protocols import SAMPLE_RATE_HZ, DecodedAudio, Samples
from transcription.refusals import (
    DamagedAudioError,
    EmptyAudioError,
    EncryptedAudioError,
    NotAudioError,
    ShortAudioError,
    UnreadableAudioError,
)
from transcription.soundtrack import SoundTrack

if TYPE_CHECKING:
    from av.container import InputContainer

Source = str | Path | BinaryIO

#: Shorter recordings hold no word.
MIN_MS = 500
#: Sampling rates a recorder can have; anything else is a damaged header.
RATES_HZ = range(4_000, 192_001)
#: A file may end this much before its header says without being called truncated.
_END_SLACK_S, _END_SLACK_SHARE = 0.5, 0.02
#: Formats whose stated length is only an estimate from the bit rate.
_GUESSED_LENGTH = ("mp3", "aac", "amr", "mulaw", "alaw", "s16le", "g722", "gsm", "g729")
_PROTECTED_TAGS = ("enca", "drms", "drmi", "encv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a file says about itself; `duration_ms` is 0 where it does not say."""

    codec: str
    channels: int
    sample_rate_hz: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    container: InputContainer
    kind: Container
    place: str
    rate_hz: int
    flags: tuple[str, ...]


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
        `rate_conflict` (the header contradicts itself), `raw_assumed`, `silent`.

    Raises:
        AudioError: One of `transcription.refusals`, with `code`, place and remedy.
    """
    with _open(source, place, raw) as opened:
        track = SoundTrack(seconds=_stated_seconds(opened.container))
        flags = [*opened.flags, *_fill(track, opened)]
        stated = 0.0 if opened.kind.name in _GUESSED_LENGTH else _stated_seconds(opened.container)
        codec = str(opened.container.streams.audio[0].codec_context.name)
    samples, rate_hz = track.finish()
    _require_sound(samples, opened.place)
    seconds = samples.shape[1] / SAMPLE_RATE_HZ
    if seconds < stated - max(_END_SLACK_S, stated * _END_SLACK_SHARE):
        flags.append("truncated")
    flags += [*track.flags, *_condition(samples)]
    return DecodedAudio(
        samples=samples,
        codec=codec,
        source_rate_hz=rate_hz,
        flags=tuple(dict.fromkeys(flags)),
    )


def probe(source: Source, *, place: str = "", raw: RawFormat | None = None) -> Probe:
    """Codec, channels, rate and length from the header, without decoding. Errors as `decode`."""
    with _open(source, place, raw) as opened:
        context = opened.container.streams.audio[0].codec_context
        return Probe(
            codec=str(context.name),
            channels=int(context.channels),
            sample_rate_hz=opened.rate_hz or int(context.sample_rate),
            duration_ms=round(_stated_seconds(opened.container) * 1000),
        )


def blocks(source: Source, *, start_ms: int = 0) -> Iterator[tuple[int, int, NDArray[np.float32]]]:
    """Decoded blocks from about `start_ms` on: (start in ms, rate in Hz, samples (channels, n)).

    For playing a stretch of a long file: seeks instead of decoding from the start, so the first
    block may begin earlier than asked. Errors as `decode`.
    """
    with _open(source, "", None) as opened:
        stream = opened.container.streams.audio[0]
        if start_ms > 0:
            _seek(opened.container, start_ms)
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
    data = frame.to_ndarray()
    if not frame.format.is_planar:
        data = data.reshape(-1, len(frame.layout.channels)).T
    if data.dtype == np.uint8:
        return (data.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(data.dtype, np.integer):
        return data.astype(np.float32) / float(-np.iinfo(data.dtype).min)
    return np.nan_to_num(data.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)


@contextmanager
def _open(source: Source, place: str, raw: RawFormat | None) -> Iterator[_Opened]:
    name = str(getattr(source, "name", "")) if not isinstance(source, str | Path) else str(source)
    place = place or Path(name).name or "recording"
    file = _file(source, place)
    try:
        if file.seek(0, io.SEEK_END) == 0:
            raise EmptyAudioError("the file is empty (0 bytes)", place, "send it again")
        file.seek(0)
        kind = recognise(file, suffix=Path(name).suffix.lower(), place=place, raw=raw)
        flags = ["raw_assumed"] if kind.raw and raw is None else []
        rate_hz = _true_rate(file, flags)
        with _container(file, kind, place) as container:
            yield _Opened(
                container=container, kind=kind, place=place, rate_hz=rate_hz, flags=tuple(flags)
            )
    finally:
        if isinstance(source, str | Path):
            file.close()


def _file(source: Source, place: str) -> BinaryIO:
    if not isinstance(source, str | Path):
        source.seek(0)
        return source
    try:
        return Path(source).open("rb")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableAudioError(
            f"cannot be opened: {reason}", place, "check the path and its permissions"
        ) from error


@contextmanager
def _container(file: BinaryIO, kind: Container, place: str) -> Iterator[InputContainer]:
    # Large packets for speed; little probing, or FFmpeg searches 5 MB of PCM for hidden DTS.
    options = {"max_size": "65536", "probesize": "65536"} if kind.name == "wav" else {}
    if kind.raw and kind.name in ("mulaw", "alaw", "s16le"):
        layout = "mono" if kind.raw.channels == 1 else f"{kind.raw.channels}c"
        options = {"sample_rate": str(kind.raw.sample_rate_hz), "ch_layout": layout}
    try:
        container = av.open(
            file,
            "r",
            format=kind.name,
            options=options,
            metadata_errors="ignore",
            buffer_size=1 << 18,
        )
    except (av.FFmpegError, ValueError) as error:
        raise _refusal(kind, place, str(getattr(error, "strerror", error))) from error
    with container:
        if not container.streams.audio:
            raise NotAudioError("the file holds no sound track", place, "exclude the file")
        context = container.streams.audio[0].codec_context
        if context is None or context.codec_tag in _PROTECTED_TAGS:
            raise EncryptedAudioError(
                "the sound is protected (DRM)", place, "export it without protection"
            )
        yield container


def _refusal(kind: Container, place: str, reason: str) -> DamagedAudioError:
    if kind.name == "mov":
        return DamagedAudioError(
            f"the index (moov) is missing or broken: {reason}",
            place,
            "the recording was cut off while it was written; export it again",
        )
    return DamagedAudioError(f"the {kind.name} header is broken: {reason}", place, "send it again")


def _true_rate(file: BinaryIO, flags: list[str]) -> int:
    """The rate to believe where a WAV header contradicts itself, else 0 (believe the decoder).

    PCM and G.711 headers state the rate twice: as such, and as bytes per second ÷ block size.
    """
    header = read_wav_header(file)
    if header is None or header.format_tag not in (1, 3, 6, 7) or not header.block_align:
        return 0
    implied = header.byte_rate / header.block_align
    if implied == header.sample_rate_hz:
        return 0
    flags.append("rate_conflict")
    usable = implied.is_integer() and int(implied) in RATES_HZ
    return int(implied) if usable and header.sample_rate_hz not in RATES_HZ else 0


def _stated_seconds(container: InputContainer) -> float:
    stream = container.streams.audio[0]
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / 1_000_000)


def _seek(container: InputContainer, start_ms: int) -> None:
    try:
        container.seek(start_ms * 1000, backward=True, any_frame=False)
    except av.FFmpegError:
        container.seek(0)


def _fill(track: SoundTrack, opened: _Opened) -> list[str]:
    """Decode everything into the track; what cannot be decoded is left out and flagged."""
    flags: list[str] = []
    time_base = opened.container.streams.audio[0].time_base
    for frame in _frames(opened, flags):
        rate = opened.rate_hz or int(frame.sample_rate)
        if rate not in RATES_HZ:
            raise DamagedAudioError(
                f"a sampling rate of {rate} Hz is impossible", opened.place, "export it again"
            )
        at = None if frame.pts is None or time_base is None else float(frame.pts * time_base)
        track.add(as_float(frame), rate_hz=rate, at_s=None if opened.rate_hz else at)
    return flags


def _frames(opened: _Opened, flags: list[str]) -> Iterator[Any]:
    stream = opened.container.streams.audio[0]
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
