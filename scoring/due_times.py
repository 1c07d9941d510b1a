"""When is "before six this afternoon"? Time words of Mandarin and English to a moment.

Everything is counted from a given moment, the call's own time. A day without an hour ends at the
end of that part of the day; a working day skips Saturday and Sunday (public holidays are unknown
here and are not skipped).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scoring.due_grammar import (
    EN,
    EN_SPAN,
    EN_UNITS,
    PARTS,
    ZH,
    ZH_SPAN,
    ZH_UNITS,
    Grammar,
    en_value,
    zh_value,
)

_NEAR = 8
_RANGE_WORDS = frozenset({"到", "至", "-", "~", "—", "and", "to", "until"})
_Token = tuple[str, re.Match[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTime:
    """A time in a text: where it stands, what it says, and the moments it means.

    Attributes:
        earliest: Start of a range ("between nine and eleven"), else None.
        latest: The moment by which it is due.
    """

    start: int
    end: int
    text: str
    latest: datetime
    earliest: datetime | None = None


def due_times(text: str, *, now: datetime, language: str) -> tuple[DueTime, ...]:
    """The times a text names, in order, counted from `now` (in the call's own time zone)."""
    if language == "zh":
        found = [*_dated(text, now, ZH), *_zh_spans(text, now)]
    elif language == "en":
        found = [*_dated(text, now, EN), *_en_spans(text, now)]
    else:
        return ()
    kept: list[DueTime] = []
    for item in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return tuple(kept)


def _dated(text: str, now: datetime, grammar: Grammar) -> Iterator[DueTime]:
    """Times made of a day, a part of the day and up to two clock times that stand together."""
    tokens = sorted(
        (match.start(), -match.end(), kind, match)
        for kind in ("day", "part", "clock")
        for match in getattr(grammar, kind).finditer(text)
    )
    group: list[_Token] = []
    named: _Token | None = None  # the day said last: "today at four, and by six I'll call"
    for _, _, kind, match in tokens:
        if group and match.start() < group[-1][1].end():
            continue
        if group and not _belongs(text, group, kind, match):
            yield from _resolve(text, group, now, grammar, named)
            named = next((one for one in reversed(group) if one[0] == "day"), named)
            group = []
        group.append((kind, match))
    yield from _resolve(text, group, now, grammar, named)


def _belongs(text: str, group: list[_Token], kind: str, match: re.Match[str]) -> bool:
    """Whether a token goes on with the time before it: near, and of a kind still open.

    A second clock time is the end of a range only where a word such as "到" or "and" says so.
    """
    kinds = [name for name, _ in group]
    between = text[group[-1][1].end() : match.start()]
    if kind == "clock" and "clock" in kinds:
        said = between.strip() + (match.groupdict().get("word") or "").lower()
        return kinds.count("clock") == 1 and said in _RANGE_WORDS
    return kind not in kinds and len(between) <= _NEAR


def _resolve(
    text: str, group: list[_Token], now: datetime, grammar: Grammar, named: _Token | None
) -> Iterator[DueTime]:
    if not group:
        return
    days = [match for kind, match in group if kind == "day"]
    if not days and named and any(kind == "clock" for kind, _ in group):
        days = [named[1]]
    day = grammar.offset(days[0], now) if days else now
    if day is None:
        return
    words = [match[0].lower() for kind, match in group if kind == "part"]
    words += [name for match in days for name in PARTS if name in match[0].lower()]
    part = PARTS.get(words[0]) if words else None
    clocks = [hour for kind, match in group if kind == "clock" and (hour := grammar.hour(match))]
    if not days and not clocks and not (part and now.hour < part[1]):
        return
    moments = [_at(day, _placed(clock, part, now if not days else None)) for clock in clocks]
    if not moments:
        moments = [_at(day, (part[1], 0))] if part else [_at(day, (23, 59))]
    if not days and moments[-1] < now:
        moments = [moment + timedelta(days=1) for moment in moments]
    start, end = group[0][1].start(), group[-1][1].end()
    yield DueTime(
        start=start,
        end=end,
        text=text[start:end],
        latest=moments[-1],
        earliest=moments[0] if len(moments) > 1 and moments[0] < moments[-1] else None,
    )


def _at(day: datetime, clock: tuple[int, int]) -> datetime:
    return day.replace(hour=clock[0] % 24, minute=clock[1], second=0, microsecond=0)


def _placed(
    clock: tuple[int, int], part: tuple[int, int] | None, now: datetime | None
) -> tuple[int, int]:
    """A 12-hour clock time on the 24-hour clock: by the part of the day, else office hours."""
    hour, minute = clock
    if hour >= 13 or hour == 0:
        return hour, minute
    if part:
        late = part[1] > 12 and hour < 12 and not part[0] <= hour < part[1]
        return (hour + 12 if late else hour), minute
    if hour <= 7 or (now is not None and hour < 12 and hour <= now.hour < 20 and hour + 12 <= 21):
        return hour + 12, minute
    return hour, minute


def _zh_spans(text: str, now: datetime) -> Iterator[DueTime]:
    for match in ZH_SPAN.finditer(text):
        number = zh_value(match["n"])
        if number is None or not (match["unit"] or match["work"]):
            continue
        if (
            not match["after"]
            and not match["work"]
            and not text[: match.start()].endswith(("最迟", "最晚", "预计", "大概", "需要"))
        ):
            continue
        if match["half"]:
            number += 0.5
        yield _spanned(match, number, zh_value(match["low"] or ""), ZH_UNITS, now)


def _en_spans(text: str, now: datetime) -> Iterator[DueTime]:
    for match in EN_SPAN.finditer(text):
        low = en_value(match["low"]) if match["low"] else None
        if not (match["lead"] or match["low"] or match["work"]):
            continue
        yield _spanned(match, en_value(match["n"]), low, EN_UNITS, now)


def _spanned(
    match: re.Match[str], number: float, low: float | None, units: dict[str, int], now: datetime
) -> DueTime:
    def after(count: float) -> datetime:
        if match["work"]:
            return _working_days(now, int(count))
        return now + timedelta(minutes=count * units[match["unit"].lower()])

    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return DueTime(
        start=start,
        end=match.end(),
        text=match[0].strip(),
        latest=after(number),
        earliest=after(low) if low else None,
    )


def _working_days(now: datetime, count: int) -> datetime:
    """The end of the count-th working day after today."""
    day = now
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return _at(day, (23, 59))
