"""A recogniser that has heard it all before: answers from a stored transcript.

For tests, for harnesses, and for re-running everything after recognition without a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qa import codec
from qa.errors import ModelError, QaError
from qa.settings import AsrSettings
from qa.transcript import EngineStamp, Transcript, Turn, Word
from transcription.protocols import HeardSegment, Side, Span


class Replay:
    """Gives back the turns of a transcript that fall into the spans asked for.

    Args:
        transcript: What was heard.
        channels: The speakers on each side; empty when any speaker may be on any.
    """

    def __init__(
        self, transcript: Transcript, *, channels: Sequence[Sequence[str]] = (), digest: str = ""
    ) -> None:
        self._transcript = transcript
        self._channels = [frozenset(speakers) for speakers in channels]
        self.stamp = EngineStamp(name="replay", version="1", settings_digest=digest)

    @classmethod
    def load(cls, settings: AsrSettings) -> Replay:
        """Read the transcript JSON that `asr.model` names."""
        path = Path(settings.model)
        try:
            transcript = codec.from_json(Transcript, path.read_bytes(), place=str(path))
        except (OSError, QaError) as error:
            raise ModelError(
                f"no stored transcript to replay: {error}",
                settings.model,
                "set asr.model to a transcript JSON",
            ) from error
        return cls(transcript, digest=settings.digest())

    def detect_language(self, sides: Sequence[Side]) -> tuple[str, float]:
        """The stored language; `("", 0.0)` when there is no speech to hear it from."""
        speech = any(side.spans for side in sides)
        return (self._transcript.language, 1.0) if speech else ("", 0.0)

    def transcribe(
        self, sides: Sequence[Side], *, language: str, hotwords: Sequence[str] = ()
    ) -> tuple[tuple[HeardSegment, ...], ...]:
        """The stored turns whose middle lies in one of the spans of their side."""
        del hotwords
        return tuple(
            tuple(
                _segment(turn, language)
                for turn in self._transcript.turns
                if self._is_on(number, turn.speaker) and _inside(turn, side.spans)
            )
            for number, side in enumerate(sides)
        )

    def _is_on(self, number: int, speaker: str) -> bool:
        return not self._channels or speaker in self._channels[number]


def _inside(turn: Turn, spans: Sequence[Span]) -> bool:
    middle = (turn.start_ms + turn.end_ms) // 2
    return any(span.start_ms <= middle < span.end_ms for span in spans)


def _segment(turn: Turn, language: str) -> HeardSegment:
    raw = turn.raw_text or turn.text
    words = turn.words or (
        Word(text=raw, start_ms=turn.start_ms, end_ms=turn.end_ms, confidence=turn.confidence),
    )
    return HeardSegment(
        text=raw,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        words=_spaced(words),
        language=turn.language or language,
    )


def _spaced(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words as a recogniser hands them over: foreign ones with the space before them."""
    return tuple(
        Word(
            text=f" {word.text}" if word.text[:1].isascii() else word.text,
            start_ms=word.start_ms,
            end_ms=word.end_ms,
            confidence=word.confidence,
        )
        for word in words
    )
