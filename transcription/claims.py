"""What a file claims about its own rate and length, where recorders or cut transfers lie."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

#: Data sizes that streaming recorders write before they know the length.
_UNKNOWN_SIZES = (0, 0x7FFF_FFFF, 0xFFFF_FFFF)
_NEARLY_UNKNOWN = 0x7FFF_0000
_TAIL = 1 << 17
_OGG_HEADER = 27


@dataclass(frozen=True, slots=True, kw_only=True)
class WavHeader:
    """The fields of a WAV header that can contradict each other or the file.

    Attributes:
        missing_bytes: How much less sound the file holds than its header says.
        hidden_bytes: Sound that follows after the stated end.
    """

    format_tag: int
    sample_rate_hz: int
    byte_rate: int
    block_align: int
    missing_bytes: int = 0
    hidden_bytes: int = 0


def read_wav_header(file: BinaryIO) -> WavHeader | None:
    """Walk the chunks of a RIFF file, leaving it at its start; None when it is none."""
    try:
        if file.read(4) != b"RIFF":
            return None
        size = file.seek(0, io.SEEK_END)
        file.seek(12)
        fields: tuple[int, ...] | None = None
        while len(head := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", head)
            if name == b"fmt ":
                fields = struct.unpack("<HHIIH", file.read(14))
                file.seek(length - 14 + length % 2, io.SEEK_CUR)
            elif name == b"data":
                return _header(fields, file, length, size) if fields else None
            else:
                file.seek(length + length % 2, io.SEEK_CUR)
    except (struct.error, OSError):
        return None
    finally:
        file.seek(0)
    return None


def _header(fields: tuple[int, ...], file: BinaryIO, length: int, size: int) -> WavHeader:
    tag, _channels, rate, byte_rate, align = fields
    start = file.tell()
    missing = hidden = 0
    if length not in _UNKNOWN_SIZES and length < _NEARLY_UNKNOWN:
        missing = max(0, length - (size - start))
        file.seek(start + length + length % 2)
        rest = size - file.tell()
        if rest > 0 and not _is_chunk(file.read(8), rest):
            hidden = rest
    return WavHeader(
        format_tag=tag,
        sample_rate_hz=rate,
        byte_rate=byte_rate,
        block_align=align,
        missing_bytes=missing,
        hidden_bytes=hidden,
    )


def _is_chunk(head: bytes, room: int) -> bool:
    """True when the bytes can begin a RIFF chunk that fits (a list, a cue, padding)."""
    if len(head) < 8:
        return True
    name, length = head[:4], int.from_bytes(head[4:], "little")
    return all(0x20 <= byte < 0x7F for byte in name) and length <= room


def ogg_is_cut(file: BinaryIO) -> bool:
    """True when the last Ogg page is longer than what is left of the file (RFC 3533)."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"OggS")
    if at < 0:
        return True
    segments = tail[at + _OGG_HEADER - 1 : at + _OGG_HEADER]
    table = tail[at + _OGG_HEADER : at + _OGG_HEADER + (segments[0] if segments else 0)]
    if not segments or len(table) < segments[0]:
        return True
    return at + _OGG_HEADER + len(table) + sum(table) > len(tail)


def mp3_states_length(file: BinaryIO) -> bool:
    """True when a Xing, Info or VBRI frame gives the true length; else it is only a guess."""
    head = file.read(1 << 16)
    file.seek(0)
    return any(name in head for name in (b"Xing", b"Info", b"VBRI"))
