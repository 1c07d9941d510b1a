"""Which container a file is, told from its first bytes.

FFmpeg is always given the demuxer by name: its own guessing takes noise for MP3 and follows
playlists to other files and hosts, which an untrusted recording must not be able to ask for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from transcription.refusals import EncryptedAudioError, HeaderlessAudioError, NotAudioError

_HEAD_BYTES = 65_536
#: How far MP3 and AAC frames may hide behind padding.
_SYNC_BYTES = 4096
_SYNC_FRAMES = 4

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"RIFF", "wav"),
    (0, b"RIFX", "wav"),
    (0, b"RF64", "wav"),
    (0, b"riff\x2e\x91\xcf\x11", "w64"),
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"#!AMR", "amr"),
    (4, b"ftyp", "mov"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
    (0, b"\x1a\x45\xdf\xa3", "matroska"),
    (0, b"FORM", "aiff"),
    (0, b"caff", "caf"),
    (0, b".snd", "au"),
    (0, b"NIST_1A", "nistsphere"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"FLV\x01", "flv"),
    (0, b"ID3", "mp3"),
)

_ENCRYPTED: tuple[tuple[bytes, str], ...] = (
    (b"Salted__", "OpenSSL"),
    (b"age-encryption.org", "age"),
    (b"-----BEGIN PGP", "PGP"),
    (b"\x85\x01\x0c\x03", "PGP"),
    (b"\x85\x02\x0c\x03", "PGP"),
)
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"MZ", b"\x7fELF", b"\xd0\xcf\x11\xe0")
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFormat:
    """Codec, rate and channels of a file without a header.

    Attributes:
        codec: FFmpeg's name of the raw format: `mulaw`, `alaw`, `s16le`, `g722`, `gsm`, `g729`.
    """

    codec: str
    sample_rate_hz: int = 8_000
    channels: int = 1


#: Extensions that name exactly one format (ITU-T rates; Asterisk's `sln`).
_BY_SUFFIX = {
    ".ulaw": RawFormat(codec="mulaw"),
    ".mulaw": RawFormat(codec="mulaw"),
    ".ul": RawFormat(codec="mulaw"),
    ".pcmu": RawFormat(codec="mulaw"),
    ".alaw": RawFormat(codec="alaw"),
    ".al": RawFormat(codec="alaw"),
    ".pcma": RawFormat(codec="alaw"),
    ".g722": RawFormat(codec="g722", sample_rate_hz=16_000),
    ".g729": RawFormat(codec="g729"),
    ".gsm": RawFormat(codec="gsm"),
    ".sln": RawFormat(codec="s16le"),
    ".sln16": RawFormat(codec="s16le", sample_rate_hz=16_000),
}
_RAW_SUFFIXES = (".raw", ".pcm", ".vox", ".wav")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The demuxer to use; `raw` where the file itself says nothing."""

    name: str
    raw: RawFormat | None = None


def recognise(file: BinaryIO, *, suffix: str, place: str, raw: RawFormat | None) -> Container:
    """Tell the container of an open file, leaving it at its start.

    Args:
        file: Seekable, not empty.
        suffix: Extension with its dot, lower case; only used where the bytes say nothing.
        place: Named in errors.
        raw: What the site says about files without a header.

    Raises:
        EncryptedAudioError: The whole file is encrypted.
        HeaderlessAudioError: Bare samples and nobody said which.
        NotAudioError: Anything else that is not a known sound file.
    """
    head = file.read(_HEAD_BYTES)
    file.seek(0)
    for at, magic, name in _MAGIC:
        if head[at : at + len(magic)] == magic:
            return Container(name=name)
    _refuse_foreign(head, place)
    synced = _synced(head)
    if synced and suffix not in _BY_SUFFIX:
        return Container(name=synced)
    given = raw or _BY_SUFFIX.get(suffix)
    if given:
        return Container(name=given.codec, raw=given)
    if suffix in _RAW_SUFFIXES and _looks_like_samples(head):
        raise HeaderlessAudioError(
            "the file has no header: codec and sampling rate are unknown",
            place,
            "re-export it with a header, or state the raw codec, rate and channels of this source",
        )
    raise NotAudioError(
        "not a sound file of a known kind", place, "check the export, or exclude the file"
    )


def _refuse_foreign(head: bytes, place: str) -> None:
    for magic, scheme in _ENCRYPTED:
        if head.startswith(magic):
            raise EncryptedAudioError(
                f"the file is encrypted ({scheme})", place, "decrypt it before it is collected"
            )
    if head.startswith(_ARCHIVES):
        raise NotAudioError("an archive, not a sound file", place, "unpack it first")


def _synced(head: bytes) -> str:
    """`mp3` or `aac` when frame headers follow each other as their lengths say, else `""`."""
    for at in range(min(len(head) - 4, _SYNC_BYTES)):
        if head[at] == 0xFF and head[at + 1] >= 0xE0:
            for name, measure in (("aac", _adts_length), ("mp3", _mp3_length)):
                if _chained(head, at, measure):
                    return name
    return ""


def _chained(head: bytes, at: int, measure: Callable[[bytes, int], int]) -> bool:
    """True when `_SYNC_FRAMES` frames of one kind stand in a row; bare samples hold single ones."""
    kind = head[at + 1]
    for _ in range(_SYNC_FRAMES):
        if at + 7 > len(head) or head[at] != 0xFF or head[at + 1] != kind:
            return False
        length = measure(head, at)
        if not length:
            return False
        at += length
    return True


def _adts_length(head: bytes, at: int) -> int:
    """Length of an ADTS frame (ISO 13818-7), 0 when this is none."""
    if head[at + 1] & 0xF6 != 0xF0:
        return 0
    length = ((head[at + 3] & 3) << 11) | (head[at + 4] << 3) | (head[at + 5] >> 5)
    return length if length > 7 else 0


_MP3_KBPS = {
    1: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def _mp3_length(head: bytes, at: int) -> int:
    """Length of an MPEG layer III frame (ISO 11172-3, 13818-3), 0 when this is none."""
    version, layer = (head[at + 1] >> 3) & 3, (head[at + 1] >> 1) & 3
    rate_index, kbps_index = (head[at + 2] >> 2) & 3, head[at + 2] >> 4
    if version == 1 or layer != 1 or rate_index == 3 or not 0 < kbps_index < 15:
        return 0
    first = version == 3
    hertz = (44_100, 48_000, 32_000)[rate_index] >> {3: 0, 2: 1, 0: 2}[version]
    kbps = _MP3_KBPS[1 if first else 2][kbps_index - 1]
    return (144 if first else 72) * kbps * 1000 // hertz + ((head[at + 2] >> 1) & 1)


def _looks_like_samples(head: bytes) -> bool:
    """False for text and for other well-known kinds of file."""
    if head.startswith(_FOREIGN):
        return False
    try:
        text = head[:4096].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start < min(len(head), 4096) - 4  # a character cut in two is still text
    return "\0" in text
