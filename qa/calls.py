"""Recordings and calls: what came in, and what is known about it before anyone listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """Who is speaking. `SYSTEM` is a recorded voice (IVR, queue announcement)."""

    AGENT = "agent"
    CUSTOMER = "customer"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Who started the call, seen from the contact centre."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"
    UNKNOWN = "unknown"


class ChannelLayout(StrEnum):
    """What the channels of a recording are known to hold. `UNKNOWN` lets the audio decide."""

    MONO = "mono"
    STEREO = "stereo"
    AGENT_LEFT = "agent_left"
    AGENT_RIGHT = "agent_right"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One audio file, known by its bytes.

    Attributes:
        id: First 16 hex digits of `sha256`; a renamed or re-sent file has the same id.
        uri: Where the bytes were read (fsspec URL or path), without credentials.
        size_bytes: Length of the file.
        codec: Codec name as the container states it (`pcm_mulaw`, `mp3` …), `""` before decoding.
        channels: Number of channels, 0 before decoding.
        sample_rate_hz: Sampling rate of the file, 0 before decoding.
        duration_ms: Length of the decoded sound, 0 before decoding.
    """

    id: str
    uri: str
    sha256: str
    size_bytes: int
    received_at: datetime
    codec: str = ""
    channels: int = 0
    sample_rate_hz: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One conversation and its metadata. Empty strings mean "not known".

    Attributes:
        language: `"zh"`, `"en"`, another ISO 639-1 code, or `""` (to be detected).
        customer_ref: Keyed hash of the customer's number or id; never the number itself.
        tags: Any further metadata of the manifest, usable in rules as `metadata.NAME`.
    """

    id: str
    recording_id: str
    started_at: datetime | None = None
    agent_id: str = ""
    team: str = ""
    queue: str = ""
    direction: Direction = Direction.UNKNOWN
    layout: ChannelLayout = ChannelLayout.UNKNOWN
    language: str = ""
    customer_ref: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
