"""Open a recording with the right demuxer, or say why it cannot be opened."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import av

from transcription.adpcm import MISREAD, as_pcm
from transcription.claims import WavHeader, mp3_states_length, ogg_is_cut, read_wav_header
from transcription.containers import Container, RawFormat, recognise
from transcription.refusals import (
    DamagedAudioError,
    EmptyAudioError,
    EncryptedAudioError,
    NotAudioError,
    UnreadableAudioError,
)

if TYPE_CHECKING:
    from av.container import InputContainer

Source = str | Path | BinaryIO

#: Sampling rates a recorder can have; anything else is a damaged header.
RATES_HZ = range(4_000, 192_001)
#: Formats whose length the demuxer can only estimate from the bit rate.
_GUESSED = ("mp3", "aac", "amr", "mulaw", "alaw", "s16le", "g722", "gsm", "g729")
_PROTECTED_TAGS = ("enca", "drms", "drmi", "encv")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSound:
    """A recording ready to decode.

    Attributes:
        codec: Codec name, as stored with the recording.
        length_is_known: The stated length is a statement, not an estimate from the bit rate.
        rate_hz: The rate to believe where the header contradicts itself, else 0.
        flags: What had to be assumed.
    """

    container: InputContainer
    codec: str
    place: str
    rate_hz: int
    length_is_known: bool
    flags: tuple[str, ...]

    @property
    def stream(self) -> Any:
        """The first sound track."""
        return self.container.streams.audio[0]

    @property
    def stated_seconds(self) -> float:
        """Length as the file states or the demuxer estimates it, 0 when unknown."""
        if self.stream.duration and self.stream.time_base:
            return max(0.0, float(self.stream.duration * self.stream.time_base))
        return max(0.0, (self.container.duration or 0) / 1_000_000)


@contextmanager
def open_sound(source: Source, place: str, raw: RawFormat | None) -> Iterator[OpenedSound]:
    """Open a recording for decoding; closed again at the end of the `with` block.

    Args:
        source: Path, or a seekable binary file (left open).
        place: How errors name the recording; the file's name when empty.
        raw: Codec and rate for files without a header, where the site knows them.

    Raises:
        AudioError: One of `transcription.refusals`.
    """
    name = str(source) if isinstance(source, str | Path) else str(getattr(source, "name", ""))
    place = place or Path(name).name or "recording"
    with ExitStack() as stack:
        file = _file(source, place)
        if isinstance(source, str | Path):
            stack.callback(file.close)
        if file.seek(0, io.SEEK_END) == 0:
            raise EmptyAudioError("the file is empty (0 bytes)", place, "send it again")
        file.seek(0)
        kind = recognise(file, suffix=Path(name).suffix.lower(), place=place, raw=raw)
        flags = ["raw_assumed"] if kind.raw and raw is None else []
        header = read_wav_header(file)
        flags += _claims(file, kind, header)
        codec = MISREAD.get(header.format_tag, "") if header else ""
        if codec:
            file = stack.enter_context(as_pcm(file, place))
        trusted = kind.name not in _GUESSED or (kind.name == "mp3" and mp3_states_length(file))
        whole = "length_conflict" in flags
        container = stack.enter_context(_container(file, kind, place, past_end=whole))
        rate_hz = _true_rate(header, flags)
        yield OpenedSound(
            container=container,
            codec=codec or str(container.streams.audio[0].codec_context.name),
            place=place,
            rate_hz=rate_hz,
            length_is_known=trusted and not whole and not rate_hz,
            flags=tuple(flags),
        )


def _claims(file: BinaryIO, kind: Container, header: WavHeader | None) -> list[str]:
    """Where the file's length is not what its header says; a block or two is nothing."""
    if kind.name == "ogg" and ogg_is_cut(file):
        return ["truncated"]
    if header is None:
        return []
    slack = max(header.byte_rate // 10, 4 * header.block_align)
    if header.missing_bytes > slack:
        return ["truncated"]
    return ["length_conflict"] if header.hidden_bytes > slack else []


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
def _container(
    file: BinaryIO, kind: Container, place: str, *, past_end: bool
) -> Iterator[InputContainer]:
    # Large packets for speed; little probing, or FFmpeg searches 5 MB of PCM for hidden DTS.
    options = {"max_size": "65536", "probesize": "65536"} if kind.name == "wav" else {}
    if past_end:
        options["ignore_length"] = "1"
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
        if _protected(container.streams.audio[0].codec_context):
            raise EncryptedAudioError(
                "the sound is protected (DRM)", place, "export it without protection"
            )
        yield container


def _protected(context: Any) -> bool:
    try:
        return context is None or context.codec_tag in _PROTECTED_TAGS
    except UnicodeDecodeError:  # WAV tags are numbers, not letters
        return False


def _refusal(kind: Container, place: str, reason: str) -> DamagedAudioError:
    if kind.name == "mov":
        return DamagedAudioError(
            f"the index (moov) is missing or broken: {reason}",
            place,
            "the recording was cut off while it was written; export it again",
        )
    return DamagedAudioError(f"the {kind.name} header is broken: {reason}", place, "send it again")


def _true_rate(header: WavHeader | None, flags: list[str]) -> int:
    """The rate to believe where a WAV header contradicts itself, else 0 (believe the decoder).

    PCM and G.711 headers state the rate twice: as such, and as bytes per second ÷ block size.
    """
    if header is None or header.format_tag not in (1, 3, 6, 7) or not header.block_align:
        return 0
    implied = header.byte_rate / header.block_align
    if implied == header.sample_rate_hz:
        return 0
    flags.append("rate_conflict")
    usable = implied.is_integer() and int(implied) in RATES_HZ
    return int(implied) if usable and header.sample_rate_hz not in RATES_HZ else 0
