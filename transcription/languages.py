"""Which language a call is in, and the stretches of it that are in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transcription.protocols import HeardSegment, Samples, Side, Span, Transcriber

#: The languages the product is built and tested for; others are transcribed and flagged.
SUPPORTED = ("zh", "en")
#: Varieties of Chinese that a recogniser lists apart but writes alike.
_SAME = {"yue": "zh", "cmn": "zh", "wuu": "zh"}
#: Detection below this is said to be uncertain.
UNCERTAIN = 0.6
#: So sure of all speech together that the sides need not be asked one by one.
CERTAIN = 0.9
#: A segment this poorly recognised may be in another language …
DOUBTFUL_LOGPROB = -0.8
DOUBTFUL_MS = 1_500
#: … and is heard again only when the other language is this much more likely.
SURE = 0.7
#: The second reading must be better by this much mean log-probability.
BETTER_LOGPROB = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The language of a call, how sure, and flags for the transcript."""

    language: str
    probability: float
    flags: tuple[str, ...] = ()


def primary(code: str) -> str:
    """`zh-CN`, `ZH_hans`, `yue` → `zh`; `""` stays empty."""
    short = code.replace("_", "-").partition("-")[0].strip().lower()
    return _SAME.get(short, short)


def choose_language(sides: Sequence[Side], *, given: str, transcriber: Transcriber) -> Verdict:
    """The language given with the call, else the one heard in it.

    Args:
        sides: Every live channel.
        given: Language of the call's metadata, `""` when not known.
        transcriber: Detects the language.
    """
    if given:
        code = primary(given)
        return Verdict(language=code, probability=1.0, flags=_unsupported(code))
    first = transcriber.detect_language(sides)
    if primary(first[0]) in SUPPORTED and first[1] >= CERTAIN:
        return Verdict(language=primary(first[0]), probability=first[1])
    speaking = [side for side in sides if side.spans]
    heard = [first]
    if len(speaking) > 1:
        heard = [transcriber.detect_language([side]) for side in speaking]
    votes: dict[str, float] = {}
    for code, probability in heard:
        if code:
            votes[primary(code)] = votes.get(primary(code), 0.0) + probability
    if not votes:
        return Verdict(language="", probability=0.0, flags=("unknown_language",))
    code = max(votes, key=lambda item: votes[item])
    probability = votes[code] / len(heard)
    flags = _unsupported(code)
    if probability < UNCERTAIN:
        flags = (*flags, "language_uncertain")
    return Verdict(language=code, probability=probability, flags=flags)


def _unsupported(code: str) -> tuple[str, ...]:
    return () if code in SUPPORTED else ("unknown_language", f"language_{code}")


def relisten(
    segments: Sequence[HeardSegment],
    samples: Samples,
    *,
    language: str,
    transcriber: Transcriber,
    limit: int = 8,
) -> tuple[HeardSegment, ...]:
    """Hear doubtful segments again in another supported language where that fits better.

    Args:
        segments: Of one channel, heard in `language`.
        samples: The channel `(n,)`.
        language: The call's language.
        transcriber: Detects and hears again.
        limit: At most this many segments are tried, worst first: a bad line is not another
            language.
    """
    doubtful = sorted(
        (
            segment
            for segment in segments
            if segment.mean_logprob < DOUBTFUL_LOGPROB
            and segment.end_ms - segment.start_ms >= DOUBTFUL_MS
        ),
        key=lambda segment: segment.mean_logprob,
    )[:limit]
    changed: dict[int, tuple[HeardSegment, ...]] = {}
    for segment in doubtful:
        span = Span(start_ms=segment.start_ms, end_ms=segment.end_ms)
        side = Side(samples=samples, spans=[span])
        code, probability = transcriber.detect_language([side])
        other = primary(code)
        if other == language or other not in SUPPORTED or probability < SURE:
            continue
        (again,) = transcriber.transcribe([side], language=other)
        if again and _mean(again) > segment.mean_logprob + BETTER_LOGPROB:
            changed[id(segment)] = tuple(replace(item, language=other) for item in again)
    if not changed:
        return tuple(segments)
    return tuple(item for segment in segments for item in changed.get(id(segment), (segment,)))


def _mean(segments: Sequence[HeardSegment]) -> float:
    lengths = [max(segment.end_ms - segment.start_ms, 1) for segment in segments]
    weighted = sum(
        length * segment.mean_logprob for length, segment in zip(lengths, segments, strict=True)
    )
    return weighted / sum(lengths)
