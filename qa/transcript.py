"""Who said what, when. Time is integer ms from the start of the file; ranges are half-open."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field

from qa.acoustics import Acoustics
from qa.calls import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStamp:
    """What produced a value: enough to reproduce it, stored beside every model output."""

    name: str
    version: str
    model: str = ""
    settings_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word (en) or character group (zh). `confidence` is a probability 0–1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One stretch of speech by one speaker.

    Attributes:
        text: What is shown and scored: simplified Chinese, corrected, punctuated as heard.
        raw_text: What the recogniser wrote, untouched. Empty when equal to `text`.
        speaker: The engine's speaker label (`S0`, `left` …), stable inside one call.
        language: Language of this turn when it differs from the call's, else `""`.
        words: Word times; empty for imported transcripts.
        confidence: Mean word confidence 0–1 (1.0 for imported transcripts).
    """

    index: int
    role: Role
    start_ms: int
    end_ms: int
    text: str
    raw_text: str = ""
    speaker: str = ""
    language: str = ""
    words: tuple[Word, ...] = ()
    confidence: float = 1.0

    @property
    def duration_ms(self) -> int:
        """Length of the turn."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """Which speaker is the agent, how sure that is, and why.

    Attributes:
        roles: Speaker label → role.
        confidence: Probability 0–1 that the assignment is right; 1.0 once a person confirmed.
        reasons: Short English codes with numbers, e.g. `"layout agent_left"`, `"greeting S0 2/2"`.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    confidence: float = 1.0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """A whole call in words.

    Attributes:
        language: Main language of the call (`"zh"`, `"en"`, …).
        timed: False when times were not given (imported text) and are only a reading order.
        true_overlap: True when speakers were recorded on separate channels, so overlap is real.
        acoustics: Events, activity and levels heard beside the words; None for imported text.
        flags: Codes such as `truncated`, `doubled_mono`, `one_speaker`, `dropped_loop`.
    """

    call_id: str
    language: str
    duration_ms: int
    turns: tuple[Turn, ...]
    roles: RoleAssignment = field(default_factory=RoleAssignment)
    timed: bool = True
    true_overlap: bool = False
    acoustics: Acoustics | None = None
    stamps: tuple[EngineStamp, ...] = ()
    flags: tuple[str, ...] = ()

    def turns_of(self, role: Role) -> tuple[Turn, ...]:
        """The turns of one role, in order."""
        return tuple(turn for turn in self.turns if turn.role == role)

    def turn_at(self, ms: int) -> Turn | None:
        """The last turn that has started at `ms`, or None before the first."""
        starts = [turn.start_ms for turn in self.turns]
        found = bisect_left(starts, ms + 1)
        return self.turns[found - 1] if found else None
