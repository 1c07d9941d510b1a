"""How good the speech side is on recordings whose truth is known: errors, roles, speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qa.calls import Call, Role
from qa.errors import QaError
from qa.intervals import Range, intersect, total, union
from qa.settings import Settings
from qa.transcript import Transcript
from transcription import errorrates
from transcription.audio import decode
from transcription.engines.bundle import DiarizerOnDemand, Engines, load_engines
from transcription.errorrates import Errors
from transcription.pipeline import Transcription, transcribe_call
from transcription.quality import grade
from transcription.references import Reference, read_references
from transcription.separation_error import SeparationErrors, separation_errors

#: `(done, of, file)` after every recording.
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """One recording against its reference; what cannot be judged is None.

    Attributes:
        errors: Characters (zh) or words (other languages) against the reference text.
        attributed: The same, with every speaker's words counted for that speaker only.
        separation: Missed, false and confused speech.
        role_right: Whether agent and customer are the right way round.
        rtf: Processing time ÷ duration, decoding included, models already loaded.
        heard: Recognised text, for reading beside the reference.
    """

    file: str
    language: str
    seconds: float
    grade: str
    rtf: float
    timings_ms: Mapping[str, int]
    errors: Errors | None = None
    attributed: Errors | None = None
    separation: SeparationErrors | None = None
    role_right: bool | None = None
    role_confidence: float | None = None
    confidences: tuple[tuple[float, bool], ...] = ()
    flags: tuple[str, ...] = ()
    reference: str = ""
    heard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechReport:
    """All recordings of a check, and file → reason for those left out."""

    files: tuple[CheckedFile, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)


def check_speech(
    path: str | Path,
    *,
    settings: Settings,
    progress: Progress | None = None,
    engines: Engines | None = None,
) -> SpeechReport:
    """Transcribe every referenced recording and compare.

    Args:
        path: A TSV (`file, language, text`, paths relative to it) or a folder of `X.wav` with
            `X.rttm` or `X.json`.
        settings: Which models to use.
        progress: Called after each recording.
        engines: Loaded already; else loaded from the settings.

    Raises:
        SourceError: Nothing to judge against.
        ModelError: A model is missing.
    """
    references = read_references(Path(path))
    bundle = engines or load_engines(settings)
    files: list[CheckedFile] = []
    skipped = dict(references.problems)
    root = Path(path) if Path(path).is_dir() else Path(path).parent
    for done, reference in enumerate(references.found, start=1):
        name = str(reference.audio.relative_to(root))
        try:
            files.append(_check(reference, name, bundle))
        except QaError as error:
            skipped[name] = str(error)
        if progress is not None:
            progress(done, len(references.found), name)
    return SpeechReport(files=tuple(files), skipped=skipped)


def _check(reference: Reference, name: str, engines: Engines) -> CheckedFile:
    begun = time.monotonic()
    audio = decode(reference.audio)
    decoding = time.monotonic() - begun
    if audio.channels == 1 and isinstance(engines.diarizer, DiarizerOnDemand):
        engines.diarizer.load()  # loading a model is no part of any call's time
    begun = time.monotonic()
    call = Call(id=name, recording_id=name, language=reference.language)
    heard = transcribe_call(audio, call, engines)
    spent = decoding + time.monotonic() - begun
    timings_ms = {"decode": round(decoding * 1000), **heard.timings_ms}
    return judge(reference, name, replace(heard, timings_ms=timings_ms), wall_s=spent)


def judge(reference: Reference, name: str, heard: Transcription, *, wall_s: float) -> CheckedFile:
    """Compare what was heard with the truth, whoever heard it.

    Args:
        reference: The truth; what it does not hold is not judged.
        name: How the file is called in reports.
        heard: Of our chain or of any other.
        wall_s: What it took, decoding included.
    """
    transcript = heard.transcript
    text = " ".join(turn.text for turn in transcript.turns)
    seconds = max(transcript.duration_ms, 1) / 1000
    return CheckedFile(
        file=name,
        language=reference.language or transcript.language,
        seconds=seconds,
        grade=grade(transcript).grade,
        rtf=wall_s / seconds,
        timings_ms=heard.timings_ms,
        errors=_text_errors(reference, text, transcript.language),
        attributed=_attributed(reference, transcript),
        separation=_separation(reference, heard, transcript.duration_ms),
        role_right=_role_right(reference, transcript),
        role_confidence=transcript.roles.confidence,
        confidences=_confidences(reference, transcript),
        flags=transcript.flags,
        reference=reference.text,
        heard=text,
    )


def _text_errors(reference: Reference, text: str, language: str) -> Errors | None:
    if not reference.text:
        return None
    kind = reference.language or language
    return errorrates.compare(
        errorrates.tokens(reference.text, kind), errorrates.tokens(text, kind)
    )


def _attributed(reference: Reference, transcript: Transcript) -> Errors | None:
    said: dict[str, list[str]] = {}
    for turn in reference.spoken:
        if turn.text:
            said.setdefault(turn.speaker, []).append(turn.text)
    if len(said) < 2:
        return None
    heard: dict[str, list[str]] = {}
    for turn in transcript.turns:
        heard.setdefault(turn.speaker, []).append(turn.text)
    kind = reference.language or transcript.language
    return errorrates.compare_attributed(
        [errorrates.tokens(" ".join(lines), kind) for lines in said.values()],
        [errorrates.tokens(" ".join(lines), kind) for lines in heard.values()],
    )


def _separation(
    reference: Reference, heard: Transcription, duration_ms: int
) -> SeparationErrors | None:
    spans = [(turn.start_ms, turn.end_ms, turn.speaker) for turn in reference.spoken]
    if not any(end > start for start, end, _ in spans):
        return None
    return separation_errors(
        spans,
        [(span.start_ms, span.end_ms, span.speaker) for span in heard.separation.spans],
        scored=reference.scored or ((0, duration_ms),),
    )


def _role_right(reference: Reference, transcript: Transcript) -> bool | None:
    """True when what is called agent overlaps the true agent more than the true customer."""
    truth = {role: union(ranges) for role, ranges in reference.roles.items()}
    if len(truth) < 2:
        return None
    balance = 0
    for role in (Role.AGENT, Role.CUSTOMER):
        own = union((turn.start_ms, turn.end_ms) for turn in transcript.turns_of(role))
        other = Role.CUSTOMER if role is Role.AGENT else Role.AGENT
        balance += _shared(own, truth[role]) - _shared(own, truth[other])
    return balance > 0


def _shared(left: Sequence[Range], right: Sequence[Range]) -> int:
    return total(intersect(left, right))


def _confidences(reference: Reference, transcript: Transcript) -> tuple[tuple[float, bool], ...]:
    """For every heard unit, its confidence and whether it was right."""
    if not reference.text:
        return ()
    kind = reference.language or transcript.language
    heard: list[tuple[str, float]] = [
        (unit, word.confidence)
        for turn in transcript.turns
        for word in turn.words
        for unit in errorrates.tokens(word.text, kind)
    ]
    right = errorrates.correct_flags(
        errorrates.tokens(reference.text, kind), [unit for unit, _ in heard]
    )
    return tuple((confidence, ok) for (_, confidence), ok in zip(heard, right, strict=True))
