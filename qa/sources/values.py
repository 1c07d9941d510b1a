"""What a source yields: files ready to enter, and problems with place, field and remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from qa.calls import ChannelLayout, Direction


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Suffixes that are taken for sound. Whether a file really is sound, the decoder decides.
AUDIO_SUFFIXES = _words(
    ".3ga .3gp .aac .ac3 .adts .aif .aifc .aiff .al .alaw .amr .ape .au .awb .caf .dss .flac "
    ".g722 .g726 .g729 .gsm .m4a .mka .mp2 .mp3 .mp4 .mpga .nist .oga .ogg .opus .pcm .ra .raw "
    ".sln .snd .spx .sph .ul .ulaw .vox .wav .wav49 .wave .weba .webm .wma .wv"
)

#: Companions of recordings that are passed over in silence.
QUIET_SUFFIXES = _words(
    ".cfg .csv .db .doc .docx .done .gitignore .htm .html .ini .json .jsonl .lab .lock .log .md "
    ".md5 .ok .pdf .png .jpg .jpeg .py .rttm .sh .sha1 .sha256 .srt .stm .textgrid .toml .tsv "
    ".txt .uem .vtt .xls .xlsx .xml .yaml .yml"
)

#: Endings that uploaders give to files which are not complete.
PARTIAL_SUFFIXES = _words(
    ".aria2 .crdownload .download .filepart .incomplete .part .partial .temp .tmp .transfer "
    ".upload .uploading .writing"
)


class ProblemKind(StrEnum):
    """Why something at a source was not taken. `WAITING` resolves itself by the next run."""

    WAITING = "waiting"
    MANIFEST = "manifest"
    DUPLICATE = "duplicate"
    MISSING = "missing"
    UNLISTED = "unlisted"
    UNSAFE = "unsafe_path"
    NAME = "file_name"
    NOT_AUDIO = "not_audio"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """Something that was not taken, and why.

    Attributes:
        place: The file's URI, or `MANIFEST:LINE`.
        field: The manifest column or name group at fault, `""` for the file itself.
    """

    kind: ProblemKind
    place: str
    message: str
    remedy: str
    field: str = ""

    def __str__(self) -> str:
        where = f"{self.place}, {self.field}" if self.field else self.place
        return f"{where}: {self.message} -> {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDetails:
    """What manifest or file name say about a call. Empty means "not said".

    Attributes:
        customer_ref: Keyed hash; the number itself never leaves the reader of the manifest.
    """

    call_id: str = ""
    agent_id: str = ""
    team: str = ""
    queue: str = ""
    started_at: datetime | None = None
    direction: Direction = Direction.UNKNOWN
    layout: ChannelLayout = ChannelLayout.UNKNOWN
    language: str = ""
    customer_ref: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


#: What most files' names say; one object for a million of them.
NO_DETAILS = CallDetails()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One complete file at a source.

    Attributes:
        uri: Absolute path, or fsspec URL without credentials: enough to open it again.
        version: What changes when the bytes do: modification time, ETag or checksum.
        origin: Where the details come from: `manifest.csv:3`, `pattern NAME`, or `""`.
    """

    uri: str
    size_bytes: int
    version: str
    modified_at: datetime | None = None
    details: CallDetails = NO_DETAILS
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """How to read a source.

    Attributes:
        manifest: Path of the manifest inside the source; `""` finds `manifest.csv` and the like.
        pattern: Name of a built-in file-name habit, or a regular expression with named groups;
            `""` tries all built-in ones.
        timezone: Zone of times that carry none.
        settle_seconds: A file changed more recently than this may still be being written.
        patient: Wait out `settle_seconds` once, look again, and take the files that stood still.
        storage: Options for the fsspec file system (key files, endpoints); never stored.
        customer_key: Key of the customer hash; without one, customers are dropped.
        days: How many days are listed of a source with the day in its path (`qa.sources.days`).
    """

    manifest: str = ""
    pattern: str = ""
    timezone: str = "Asia/Shanghai"
    settle_seconds: float = 10.0
    patient: bool = True
    storage: Mapping[str, Any] = field(default_factory=dict, repr=False)
    customer_key: bytes = field(default=b"", repr=False)
    days: int = 3
