"""A speech check as plain numbers: the stable JSON of `qa check speech --json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transcription.errorrates import Errors, total
from transcription.evaluate import CheckedFile, SpeechReport
from transcription.separation_error import SeparationErrors

#: Confidence bins of the calibration figures.
_BINS = 10


def summarise(report: SpeechReport) -> dict[str, Any]:
    """Rates over all recordings (errors pooled, not averaged) and a row per file.

    Keys: `cer` (zh), `wer` (other languages), `attributed_error`, `der`, `der_parts`, `jer`,
    `role_accuracy`, `rtf`, `rtf_by_stage`, `calibration`, `seconds`, `files`, `skipped`. What no
    reference allows to say is null.
    """
    files = report.files
    chinese = [file for file in files if file.language == "zh"]
    foreign = [file for file in files if file.language != "zh"]
    roles = [file.role_right for file in files if file.role_right is not None]
    seconds = sum(file.seconds for file in files)
    separated = [file.separation for file in files if file.separation is not None]
    return {
        "cer": _pooled([file.errors for file in chinese]),
        "wer": _pooled([file.errors for file in foreign]),
        "attributed_error": _pooled([file.attributed for file in files]),
        "der": _der(separated),
        "der_parts": _der_parts(separated),
        "jer": _mean([parts.jer for parts in separated]),
        "role_accuracy": _mean([float(right) for right in roles]),
        "rtf": _rounded(sum(f.rtf * f.seconds for f in files) / seconds) if seconds else None,
        "rtf_by_stage": _by_stage(files, seconds),
        "calibration": _calibration(files),
        "seconds": round(seconds, 1),
        "files": [_row(file) for file in files],
        "skipped": [{"file": name, "reason": why} for name, why in report.skipped.items()],
    }


def _row(file: CheckedFile) -> dict[str, Any]:
    rate = _rounded(file.errors.rate if file.errors else None)
    separation = [file.separation] if file.separation is not None else []
    return {
        "file": file.file,
        "language": file.language,
        "cer": rate if file.language == "zh" else None,
        "wer": rate if file.language != "zh" else None,
        "attributed_error": _pooled([file.attributed]),
        "der": _der(separation),
        "der_parts": _der_parts(separation),
        "jer": _mean([parts.jer for parts in separation]),
        "role_accuracy": None if file.role_right is None else float(file.role_right),
        "role_confidence": file.role_confidence,
        "rtf": _rounded(file.rtf),
        "timings_ms": dict(file.timings_ms),
        "seconds": round(file.seconds, 1),
        "grade": file.grade,
        "flags": list(file.flags),
        "reference": file.reference,
        "heard": file.heard,
    }


def _pooled(errors: Sequence[Errors | None]) -> float | None:
    return _rounded(total(part for part in errors if part is not None).rate)


def _der(parts: Sequence[SeparationErrors]) -> float | None:
    speech = sum(part.speech_s for part in parts)
    wrong = sum(part.missed_s + part.false_alarm_s + part.confusion_s for part in parts)
    return _rounded(wrong / speech) if speech else None


def _der_parts(parts: Sequence[SeparationErrors]) -> dict[str, float | None] | None:
    speech = sum(part.speech_s for part in parts)
    if not speech:
        return None
    return {
        "missed": _rounded(sum(part.missed_s for part in parts) / speech),
        "false_alarm": _rounded(sum(part.false_alarm_s for part in parts) / speech),
        "confusion": _rounded(sum(part.confusion_s for part in parts) / speech),
    }


def _by_stage(files: Sequence[CheckedFile], seconds: float) -> dict[str, float | None]:
    stages: dict[str, int] = {}
    for file in files:
        for stage, spent in file.timings_ms.items():
            stages[stage] = stages.get(stage, 0) + spent
    return {stage: _rounded(spent / 1000 / seconds) for stage, spent in stages.items()}


def _calibration(files: Sequence[CheckedFile]) -> dict[str, Any] | None:
    """Expected calibration error of word confidences, and the bins behind it."""
    pairs = [pair for file in files for pair in file.confidences]
    if not pairs:
        return None
    bins = []
    for index in range(_BINS):
        inside = [(c, ok) for c, ok in pairs if min(int(c * _BINS), _BINS - 1) == index]
        if inside:
            confidence = sum(c for c, _ in inside) / len(inside)
            accuracy = sum(ok for _, ok in inside) / len(inside)
            bins.append({"confidence": confidence, "accuracy": accuracy, "n": len(inside)})
    gap = sum(abs(b["confidence"] - b["accuracy"]) * b["n"] for b in bins) / len(pairs)
    return {
        "ece": _rounded(gap),
        "bins": [{key: round(value, 3) for key, value in b.items()} for b in bins],
    }


def _mean(values: Sequence[float]) -> float | None:
    return _rounded(sum(values) / len(values)) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
