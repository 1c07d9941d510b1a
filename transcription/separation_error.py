"""Diarisation error: missed speech, false alarm, confusion, and the Jaccard error."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from qa import runtime
from qa.intervals import Range

#: pyannote.metrics' collar: this much around every reference boundary is not scored, in seconds.
COLLAR_S = 0.25

#: Start, end (ms) and speaker.
Labelled = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparationErrors:
    """Seconds of each kind of error against seconds of reference speech; overlap is scored.

    Attributes:
        jer: Jaccard error rate, mean over reference speakers.
    """

    missed_s: float
    false_alarm_s: float
    confusion_s: float
    speech_s: float
    jer: float

    @property
    def rate(self) -> float | None:
        """Diarisation error rate; None without reference speech."""
        errors = self.missed_s + self.false_alarm_s + self.confusion_s
        return errors / self.speech_s if self.speech_s else None


def separation_errors(
    reference: Sequence[Labelled], heard: Sequence[Labelled], *, scored: Sequence[Range]
) -> SeparationErrors:
    """Compare speaker spans by pyannote.metrics, whatever the labels are called.

    Args:
        reference: True spans, overlaps included.
        heard: Found spans.
        scored: Ranges that count (UEM).
    """
    runtime.guard_torchaudio()
    from pyannote.core import Annotation, Segment, Timeline  # noqa: PLC0415 - one second to import
    from pyannote.metrics import diarization  # noqa: PLC0415

    def annotation(spans: Sequence[Labelled]) -> Annotation:
        marked = Annotation()
        for index, (start, end, speaker) in enumerate(spans):
            if end > start:
                marked[Segment(start / 1000, end / 1000), index] = speaker
        return marked

    truth, found = annotation(reference), annotation(heard)
    uem = Timeline([Segment(start / 1000, end / 1000) for start, end in scored])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = diarization.DiarizationErrorRate(collar=COLLAR_S)(
            truth, found, uem=uem, detailed=True
        )
        jaccard = diarization.JaccardErrorRate(collar=COLLAR_S)(  # type: ignore[no-untyped-call]
            truth, found, uem=uem
        )
    return SeparationErrors(
        missed_s=float(parts["missed detection"]),
        false_alarm_s=float(parts["false alarm"]),
        confusion_s=float(parts["confusion"]),
        speech_s=float(parts["total"]),
        jer=float(jaccard),
    )
