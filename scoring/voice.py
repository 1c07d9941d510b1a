"""The voice of the customer: suggestions word for word, complaints by reason, product words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.analysis import Analysis
from qa.calls import Role
from qa.insight.summaries import Quote
from qa.transcript import Turn

__all__ = ["Grievance", "Quote", "grievances", "lowest_quote", "product_mentions", "suggestions_of"]

_SUGGESTION = {
    "zh": re.compile(
        r"我(?:有个|有一个|个人)?建议|建议(?:你们|以后|公司|贵公司|在|把|增加|加|改|可以)|希望(?:你们|以后|能|贵公司)|你们(?:应该|可以考虑|要是能|最好|能不能)"
        r"|要是(?:能|有|可以).{1,30}就(?:好|更好)|(?:如果|假如)能.{1,30}就(?:好|更好)|为什么不(?:能)?(?:出|做|加|弄|搞|开)(?:一)?个"
    ),
    "en": re.compile(
        r"\b(?:i(?:'d| would) suggest|my suggestion|you (?:guys )?(?:should"
        r"|could) (?:really |at least )?(?!have told|not have)\w+"
        r"|i wish (?:you|there)|it would be (?:great|nice|good|better"
        r"|helpful) if|why don't you (?:just )?(?:have|add|offer|make|put)"
        r"|please (?:add|consider|bring back))\b",
        re.IGNORECASE,
    ),
}
#: Requests about the caller's own case are wishes, not suggestions.
_OWN_CASE = {
    "zh": re.compile(
        r"(?:有(?:什么|啥|没有)|给|不错的|好的).{0,4}建议|(?:给我|帮我|跟我|让我|把我|退我|联系我|回我)|尽快(?:给|帮|处理|解决|退)|希望(?:能)?(?:尽快|赶快|早点)|能不能(?:快|便宜|先)"
    ),
    "en": re.compile(
        r"\b(?:wondering|give me|refund me|call me|help me|fix (?:it|this|my)|send me"
        r"|tell me|my (?:refund|money|order|bill))\b",
        re.IGNORECASE,
    ),
}
_SENTENCE = re.compile(r"[^。！？!?;；\n]+[。！？!?;；]?")
_MIN_CHARS = {"zh": 6, "en": 15}


def suggestions_of(analysis: Analysis) -> tuple[Quote, ...]:
    """Sentences in which the customer says how things should be, for everybody."""
    transcript = analysis.transcript
    return tuple(
        quote
        for turn in transcript.turns_of(Role.CUSTOMER)
        for quote in _in_turn(turn, analysis.call.id, turn.language or transcript.language)
    )


def _in_turn(turn: Turn, call_id: str, language: str) -> Iterable[Quote]:
    language = language.partition("-")[0]
    if language not in _SUGGESTION:
        return
    for match in _SENTENCE.finditer(turn.text.replace("’", "'")):
        words = match[0]
        if len(words.strip()) < _MIN_CHARS[language] or not _SUGGESTION[language].search(words):
            continue
        if not _OWN_CASE[language].search(words):
            start = match.start() + len(words) - len(words.lstrip())
            yield Quote(
                call_id=call_id,
                turn_index=turn.index,
                start_ms=turn.start_ms,
                text=turn.text[start : match.end()],
                char_start=start,
                char_end=match.end(),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grievance:
    """What goes wrong under one contact reason: how many calls, how low, in whose words."""

    reason: str
    calls: int
    mean_sentiment: float
    quotes: tuple[Quote, ...]


def grievances(
    analyses: Sequence[Analysis], *, threshold: float = -0.5, quotes: int = 3
) -> tuple[Grievance, ...]:
    """Contact reasons (`facts["reason"]`) by calls with a turn at or under `threshold`.

    The quotes are the most negative turns, one a call.
    """
    lows: dict[str, list[tuple[float, Quote]]] = {}
    for analysis in analyses:
        worst = min(analysis.sentiment or (), key=lambda item: item.score, default=None)
        if worst is not None and worst.score <= threshold:
            turn = analysis.transcript.turns[worst.turn_index]
            quote = _whole(turn, analysis.call.id)
            lows.setdefault(analysis.facts.get("reason", "other"), []).append((worst.score, quote))
    found = [
        Grievance(
            reason=reason,
            calls=len(items),
            mean_sentiment=round(sum(score for score, _ in items) / len(items), 4),
            quotes=tuple(q for _, q in sorted(items, key=lambda one: one[0])[:quotes]),
        )
        for reason, items in lows.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.calls, one.reason)))


def lowest_quote(analysis: Analysis, *, under: float = -0.2) -> tuple[float | None, Quote | None]:
    """Score and words of the customer's most negative turn, where there is one below `under`."""
    worst = min(analysis.sentiment or (), key=lambda item: item.score, default=None)
    if worst is None or worst.score >= under:
        return None, None
    turn = analysis.transcript.turns[worst.turn_index]
    return worst.score, _whole(turn, analysis.call.id)


def _whole(turn: Turn, call_id: str) -> Quote:
    return Quote(
        call_id=call_id,
        turn_index=turn.index,
        start_ms=turn.start_ms,
        text=turn.text,
        char_start=0,
        char_end=len(turn.text),
    )


def product_mentions(
    analyses: Iterable[Analysis], products: Mapping[str, Sequence[str]]
) -> Counter[str]:
    """Calls in which the customer names a product; `products` is name → ways to say it."""
    counts: Counter[str] = Counter()
    for analysis in analyses:
        turns = analysis.transcript.turns_of(Role.CUSTOMER)
        said = "\n".join(turn.text for turn in turns).casefold()
        for name, words in products.items():
            if any(_names(said, word.casefold()) for word in words):
                counts[name] += 1
    return counts


def _names(said: str, word: str) -> bool:
    """Whether a word is said; a word in letters also in the plural, never inside another word."""
    if not word.isascii():
        return word in said
    return bool(word) and re.search(rf"\b{re.escape(word)}s?\b", said) is not None
