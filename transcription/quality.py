"""How far a recording and its transcript can be trusted: grade A to D with reasons.

A: nothing stands against scoring. B: small faults. C: scored, but a person should look.
D: not scorable; every criterion becomes not evaluable instead of wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from qa.acoustics import Acoustics, SignalQuality
from qa.analysis import QualityIndex
from qa.calls import Role
from qa.text import count_units
from qa.transcript import Transcript

_GRADES = "ABCD"
#: Fewer words (en) or characters (zh) than this are no conversation (own).
_LEAST_UNITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Limits of one measure: reaching the first is A, the second B, the third C, else D."""

    reason: str
    limits: tuple[float, float, float]
    rising: bool = True
    unit: str = ""

    def grade(self, value: float) -> str:
        """The grade of a value."""
        for grade, limit in zip(_GRADES, self.limits, strict=False):
            if value >= limit if self.rising else value <= limit:
                return grade
        return "D"


# All limits are own. SNR: speech recognition holds to about 15 dB and falls apart near 0 dB.
# Bandwidth: a telephone line ends at 3.4 kHz (ITU-T G.712); below 2 kHz consonants are gone.
# Clipping: the loudness criterion faults 0.5 % (dossier S6.2).
_SNR = _Scale(reason="low_snr", limits=(15.0, 9.0, 2.0), unit="dB")
_CLIPPING = _Scale(reason="clipped", limits=(0.005, 0.03, 0.25), rising=False)
_BANDWIDTH = _Scale(reason="muffled", limits=(3_000.0, 2_500.0, 1_500.0), unit="Hz")
_WORDS = _Scale(reason="uncertain_words", limits=(0.75, 0.6, 0.4))
_COVERAGE = _Scale(reason="untranscribed_speech", limits=(0.85, 0.7, 0.4))
# An uncertain role asks a person; it never makes a call unscorable by itself.
_ROLES = _Scale(reason="uncertain_roles", limits=(0.9, 0.75, 0.0))

_FLAGS = {
    "silent": "D",
    "no_speech": "D",
    "mostly_music": "D",
    "truncated": "B",
    "damaged": "B",
    "gaps_filled": "B",
    "length_conflict": "B",
    "rate_conflict": "C",
    "clock_jumped": "C",
    "one_speaker": "C",
    "language_uncertain": "C",
    "unknown_language": "D",
}


def _flagged(flag: str) -> str:
    """The best grade a flag allows; a language without scorecards cannot be scored."""
    return _FLAGS.get(flag, "D" if flag.startswith("language_") else "A")


def grade(transcript: Transcript) -> QualityIndex:
    """Grade a call from its transcript and what was measured with it.

    The grade is the worst of all parts that are known. Every part below A gives a reason: a code,
    and where it has one its value (`low_snr 7.2 dB`, `uncertain_words 0.58`, `truncated`).
    """
    heard = transcript.acoustics or Acoustics()
    signal = heard.signal or SignalQuality()
    confidence = _word_confidence(transcript)
    measured: list[tuple[_Scale, float | None]] = [
        (_SNR, signal.snr_db),
        (_CLIPPING, signal.clipping_share),
        (_BANDWIDTH, signal.bandwidth_hz),
        (_WORDS, confidence),
        (_COVERAGE, heard.speech_transcribed_share),
        (_ROLES, transcript.roles.confidence if _has_sides(transcript) else None),
    ]
    findings = [
        (scale.grade(value), f"{scale.reason} {value:g} {scale.unit}".strip())
        for scale, value in measured
        if value is not None
    ]
    findings += [(_flagged(flag), flag) for flag in transcript.flags]
    if _spoken_units(transcript) < _LEAST_UNITS:
        findings.append(("D", "too_little_speech"))
    return QualityIndex(
        grade=max((found for found, _ in findings), default="A"),
        snr_db=signal.snr_db,
        clipping_share=signal.clipping_share,
        bandwidth_hz=signal.bandwidth_hz,
        word_confidence=confidence,
        role_confidence=transcript.roles.confidence,
        speech_transcribed_share=heard.speech_transcribed_share,
        reasons=tuple(dict.fromkeys(reason for found, reason in findings if found > "A")),
    )


def _word_confidence(transcript: Transcript) -> float | None:
    """Mean over words, recorded voices left out; None when nothing was recognised."""
    values = [
        (word.confidence, 1)
        for turn in transcript.turns
        for word in turn.words
        if turn.role != Role.SYSTEM
    ] or [
        (turn.confidence, len(turn.text)) for turn in transcript.turns if turn.role != Role.SYSTEM
    ]
    weight = sum(count for _, count in values)
    return round(sum(value * count for value, count in values) / weight, 3) if weight else None


def _spoken_units(transcript: Transcript) -> int:
    return sum(
        count_units(turn.text, turn.language or transcript.language)
        for turn in transcript.turns
        if turn.role != Role.SYSTEM
    )


def _has_sides(transcript: Transcript) -> bool:
    return any(turn.role in (Role.AGENT, Role.CUSTOMER) for turn in transcript.turns)
