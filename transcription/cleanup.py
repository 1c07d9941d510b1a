"""Taking out what a recogniser writes although nobody said it, and counting every removal."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.intervals import Range, intersect, total, union
from qa.text import count_units, has_han, to_simplified
from qa.transcript import Word
from transcription.protocols import HeardSegment, Span
from transcription.repeats import collapse, is_loop

#: Whisper base wrote fakes at 0.52–0.98 and real speech at 0.03 or less (scorecard study §3.4).
NO_SPEECH = 0.5
#: So sure of its words that the no-speech token is outvoted (Whisper weighs both the same way).
SURE_LOGPROB = -0.35
#: Share of a segment that must lie in detected speech.
SPOKEN_SHARE = 0.2
#: Faster than anyone speaks: Han characters and digits, or words, per second.
MAX_UNITS_PER_S = {"zh": 12.0, "en": 8.0}
#: Short answers have unreliable times; speed says nothing about them.
MIN_UNITS_FOR_SPEED = 6
#: Mean word probability below which a segment is noise rendered as words.
MIN_CONFIDENCE = 0.15

_BRACKETED = re.compile(
    r"^(?:[\[(（【〔<{♪♫*].*[\])）】〕>}♪♫*]|[♪♫*.…·。,，\-\s]+)[.。!！]?$", re.DOTALL
)
_CAPTION = re.compile(
    r"[\[(（【][^\])）】]{0,30}?(?:音[乐樂]|掌[声聲]|字幕|笑[声聲]|[静靜]音|music|applause|laugh"
    r"|silence|inaudible|noise|blank_audio|foreign|speaking in)[^\])）】]{0,30}[\])）】]|[♪♫]+",
    re.IGNORECASE,
)
# Subtitle credits of the films the models learnt from. Nobody says them on the telephone.
_CREDITS = re.compile(
    r"字幕(?:由|by|製作|制作|志[愿願]者|提供|組|组|校[对對])|(?:由|by)amaraorg|amara\s?org社[群区區]"
    r"|[请請]不吝[点點][赞贊讚]|(?:订阅|訂閱).{0,6}(?:转发|轉發)|(?:转发|轉發).{0,6}打[赏賞]"
    r"|明[镜鏡](?:与|與|和)?[点點點]+[栏欄]目|中文字幕|本字幕|优优独播剧场|優優獨播劇場|yoyo\s?television"
    r"|subtitles?(?: and captions)? by|subtitled by|captions? by|transcri(?:bed|ption) by"
    r"|translated by|amara org community|otter ai",
    re.IGNORECASE,
)
# Farewells of videos: only when that is all there is.
_OUTRO = re.compile(
    r"(?:谢谢|感谢)(?:大家|您的|你的|各位)?(?:的)?(?:观看|收看|收听)(?:下期再见|再见)?"
    r"|(?:我们)?下(?:期|次|个)(?:视频|节目)?再见|(?:请|记得)?(?:点赞|订阅|关注)(?:我的频道|频道)?"
    r"|(?:thanks|thank you)(?: so much| very much)? for (?:watching|listening|viewing)"
    r"(?: (?:this video|my video|the video|and.*))?"
    r"|(?:please |don't forget to |dont forget to )*(?:like(?: and |, )|subscribe)"
    r".*(?:subscribe|channel|video)?"
    r"|(?:i'?ll )?see you (?:guys )?in the next (?:video|one|episode)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What is left, and how many segments went for which reason (`loop`, `caption` …)."""

    segments: tuple[HeardSegment, ...]
    dropped: Mapping[str, int] = field(default_factory=dict)

    @property
    def flags(self) -> tuple[str, ...]:
        """`dropped_loop`, `dropped_caption` …, sorted."""
        return tuple(sorted(f"dropped_{reason}" for reason in self.dropped))


def clean(
    segments: Sequence[HeardSegment],
    *,
    speech: Sequence[Span] | None = None,
    language: str = "",
    hotwords: Sequence[str] = (),
) -> Cleaned:
    """Drop or trim segments of one channel that were not spoken.

    Args:
        segments: As the recogniser wrote them.
        speech: Speech spans of the channel without music and ringing; None trusts the recogniser.
        language: The call's language; a segment's own wins.
        hotwords: Words the recogniser was primed with; a segment of nothing else is their leak.
    """
    spoken = None if speech is None else union((span.start_ms, span.end_ms) for span in speech)
    kept: list[HeardSegment] = []
    dropped: Counter[str] = Counter()
    for segment in segments:
        trimmed = _without_captions(collapse(segment))
        if trimmed.text != segment.text:
            dropped["caption" if _CAPTION.search(segment.text) else "repeat"] += 1
        reason = _reason(trimmed, spoken, segment.language or language, hotwords)
        if reason:
            dropped[reason] += 1
        else:
            kept.append(trimmed)
    return Cleaned(segments=tuple(kept), dropped=dict(dropped))


def _reason(
    segment: HeardSegment, spoken: list[Range] | None, language: str, hotwords: Sequence[str]
) -> str:
    """Why the segment was not spoken, or `""`: the first of these that holds."""
    plain = plain_text(segment.text)
    unvoiced = segment.no_speech >= NO_SPEECH and segment.mean_logprob < SURE_LOGPROB
    checks: dict[str, Callable[[], bool]] = {
        "caption": lambda: not plain or bool(_BRACKETED.match(segment.text.strip())),
        "boilerplate": lambda: bool(_CREDITS.search(plain) or _OUTRO.fullmatch(plain)),
        "no_speech": lambda: unvoiced or _spoken_share(segment, spoken) < SPOKEN_SHARE,
        "loop": lambda: is_loop(segment.text),
        "too_fast": lambda: _too_fast(segment, spoken, language),
        "guess": lambda: _mean_confidence(segment.words) < MIN_CONFIDENCE,
        "prompt_leak": lambda: _only_hotwords(plain, hotwords),
    }
    return next((reason for reason, holds in checks.items() if holds()), "")


def plain_text(text: str) -> str:
    """Simplified, lower case, no punctuation; single spaces between foreign words only."""
    folded = unicodedata.normalize("NFKC", to_simplified(text)).lower()
    kept = re.sub(r"[^\w\s']|_", " ", folded)
    return re.sub(r"(?<![a-z0-9']) | (?![a-z0-9'])", "", re.sub(r"\s+", " ", kept)).strip()


def _spoken_share(segment: HeardSegment, spoken: list[Range] | None) -> float:
    length = segment.end_ms - segment.start_ms
    if length <= 0 or spoken is None:
        return 1.0
    # Word times wander by a few hundred ms; what lies that close to speech counts as spoken.
    return min(_speech_near(segment, spoken, reach_ms=300) / length, 1.0)


def _speech_near(segment: HeardSegment, spoken: list[Range], *, reach_ms: int) -> int:
    """Length of the speech in and around a segment."""
    start, end = segment.start_ms - reach_ms, segment.end_ms + reach_ms
    first = bisect_right(spoken, (start, start))
    last = bisect_right(spoken, (end, end))
    return total(intersect([(start, end)], spoken[max(first - 1, 0) : last]))


def _too_fast(segment: HeardSegment, spoken: list[Range] | None, language: str) -> bool:
    kind = "zh" if has_han(segment.text) or language == "zh" else "en"
    units = count_units(segment.text, kind)
    if units < MIN_UNITS_FOR_SPEED:
        return False
    length = segment.end_ms - segment.start_ms
    if spoken is not None:
        length = max(length, _speech_near(segment, spoken, reach_ms=1_000))
    return units * 1_000 / max(length, 1) > MAX_UNITS_PER_S[kind]


def _mean_confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words) if words else 1.0


def _only_hotwords(plain: str, hotwords: Sequence[str]) -> bool:
    rest, hits = plain, 0
    for word in sorted((plain_text(word) for word in hotwords), key=len, reverse=True):
        if word:
            hits += rest.count(word)
            rest = rest.replace(word, "")
    # One name alone may be an answer; the list read out is not.
    return hits >= 2 and not rest.strip()


def _without_captions(segment: HeardSegment) -> HeardSegment:
    """The segment without `(music)` and its like inside it; words go with their characters."""
    if not _CAPTION.search(segment.text):
        return segment
    joined = "".join(word.text for word in segment.words)
    gone = [match.span() for match in _CAPTION.finditer(joined)]
    words, position = [], 0
    for word in segment.words:
        begin, position = position, position + len(word.text)
        if not any(start < position and begin < end for start, end in gone):
            words.append(word)
    text = _CAPTION.sub("", segment.text).strip()
    if not words:
        return replace(segment, text=text, words=())
    return replace(
        segment,
        text=text,
        words=tuple(words),
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
    )
