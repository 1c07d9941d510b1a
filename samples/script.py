"""A sample call as written: who says what, in which voice, over which line, and what is true."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML

from qa.calls import ChannelLayout, Direction
from qa.errors import QaError
from qa.evaluation import Outcome


class ScriptError(QaError):
    """A sample script cannot be read or spoken."""

    code = "script"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Voice(_Part):
    """A Kokoro voice, its speaking speed (1 = the model's own) and level against the usual one."""

    voice: str
    speed: float = Field(default=0.85, ge=0.5, le=1.6)
    level_db: float = Field(default=0.0, ge=-20, le=10)


class Line(_Part):
    """The recording: codec, channels, noise.

    `layout` is what the file really holds; the manifest may know less.
    """

    codec: str
    layout: ChannelLayout
    snr_db: float = 28
    seed: int


class Said(_Part):
    """One utterance.

    Attributes:
        pause_ms: Silence after the previous utterance; a natural pause when left out.
        overlap_ms: Starts this much before the previous utterance ends.
        during_ms: Starts this long after the previous utterance began, without taking the floor.
        speed: Replaces the voice's speed, for one excited or hasty sentence.
    """

    say: str
    pause_ms: int | None = None
    overlap_ms: int | None = None
    during_ms: int | None = None
    speed: float | None = None


class Step(_Part):
    """One line of the timeline: an utterance of somebody, or a stretch of sound in milliseconds."""

    agent: Said | None = None
    customer: Said | None = None
    system: Said | None = None
    silence_ms: int | None = None
    music_ms: int | None = None
    ringback_ms: int | None = None

    @field_validator("agent", "customer", "system", mode="before")
    @classmethod
    def _plain_text(cls, value: Any) -> Any:
        return {"say": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_thing(self) -> Step:
        if len(self.model_fields_set) != 1:
            raise ValueError("a timeline entry says exactly one thing")
        return self


class Personal(_Part):
    """Personal data spoken in the call: the words exactly as they stand in an utterance."""

    say: str
    kind: Literal[
        "name", "phone", "id_number", "card_number", "account_number", "security_code",
        "one_time_code", "password", "address", "date_of_birth", "email",
    ]  # fmt: skip


class Metadata(_Part):
    """What the telephone system knows about the call.

    Attributes:
        ended_by: Who hung up, where that says something: the agent, or the customer before the end.
        recording_notice: `ivr` where a recorded voice announces the recording.
    """

    agent_id: str
    team: str
    queue: str
    started_at: datetime
    direction: Direction
    customer: str
    ended_by: Literal["", "agent", "customer"] = ""
    recording_notice: Literal["", "ivr"] = ""


class Script(_Part):
    """A whole sample call.

    Attributes:
        manifest: Columns of the manifest that say something other than the truth, such as an
            unknown language or layout.
        expected: Criterion id of the service-standard scorecard → outcome a human would be sure of.
    """

    title: str
    language: Literal["zh", "en"]
    call_type: str
    note: str = ""
    line: Line
    call: Metadata
    manifest: dict[str, str] = Field(default_factory=dict)
    voices: dict[Literal["agent", "customer", "system"], Voice]
    timeline: tuple[Step, ...]
    personal: tuple[Personal, ...] = ()
    expected: dict[str, Outcome]


def load_script(path: Path) -> Script:
    """Read one YAML script.

    Raises:
        ScriptError: The file is not YAML or says something that the format does not know.
    """
    try:
        return Script.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise ScriptError(found, str(path), "compare with the other scripts") from error
