"""A person's corrections of a transcript: stored beside it, laid over it, never written into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from qa.calls import Role
from qa.errors import ReviewError
from qa.transcript import Transcript, Turn

MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEdit:
    """What is right for one turn; None leaves a part as it is."""

    turn_index: int
    text: str | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An edit as stored: what was shown before, who changed it, when.

    Attributes:
        transcript_digest: The machine's transcript it was made on; it applies to no other.
    """

    id: int
    call_id: str
    transcript_digest: str
    edit: TurnEdit
    text_before: str
    role_before: Role
    made_by: str
    made_at: datetime
    note: str = ""


def check_edit(transcript: Transcript, edit: TurnEdit) -> Turn:
    """The turn an edit is about.

    Raises:
        ReviewError: No such turn, nothing changed, or a text of unreasonable length.
    """
    turn = next((turn for turn in transcript.turns if turn.index == edit.turn_index), None)
    place = f"turn {edit.turn_index} of call {transcript.call_id}"
    if turn is None:
        raise ReviewError("there is no such turn", place, "reload the call")
    if edit.text in (None, turn.text) and edit.role in (None, turn.role):
        raise ReviewError("nothing was changed", place, "change the text or who speaks")
    if edit.text is not None and len(edit.text) > MAX_TEXT:
        raise ReviewError(f"longer than {MAX_TEXT} characters", place, "shorten it")
    return turn


def corrected(transcript: Transcript, edits: Sequence[TurnEdit]) -> Transcript:
    """The transcript with edits laid over it, later ones over earlier ones.

    A corrected turn is certain (confidence 1) and keeps what the recogniser wrote as `raw_text`;
    where its text changed, its word times are gone, because they belonged to other words.
    """
    texts = {edit.turn_index: edit.text for edit in edits if edit.text is not None}
    roles = {edit.turn_index: edit.role for edit in edits if edit.role is not None}
    return replace(
        transcript,
        turns=tuple(
            _turn(turn, texts.get(turn.index), roles.get(turn.index)) for turn in transcript.turns
        ),
    )


def _turn(turn: Turn, text: str | None, role: Role | None) -> Turn:
    if role is not None and role != turn.role:
        # a label of its own: roles follow speakers, and this turn no longer follows its speaker
        turn = replace(turn, role=role, speaker=f"{turn.speaker}:{role.value}")
    if text is None or text == turn.text:
        return turn
    return replace(turn, text=text, raw_text=turn.raw_text or turn.text, words=(), confidence=1.0)
