"""When is "before six this afternoon"? Time words of Mandarin and English to a moment.

Everything is counted from a given moment, the call's own time. A day without an hour ends at the
end of that part of the day; a working day skips Saturday and Sunday (public holidays are unknown
here and are not skipped).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from qa.numerals import EN_ONES, EN_TENS, chinese_number

#: Last hour of a named part of the day.
_PARTS = {
    "早上": (9, 10), "早晨": (9, 10), "上午": (8, 12), "中午": (11, 14), "下午": (12, 18),
    "傍晚": (16, 19), "晚上": (18, 22), "今晚": (18, 22), "明晚": (18, 22), "凌晨": (0, 6),
    "morning": (8, 12), "noon": (11, 12), "afternoon": (12, 18), "evening": (17, 21),
    "tonight": (17, 22), "night": (18, 22), "lunchtime": (11, 14),
}  # fmt: skip
_DAYS = {
    "今天": 0, "今日": 0, "今晚": 0, "当天": 0, "明天": 1, "明日": 1, "明晚": 1, "后天": 2,
    "大后天": 3,
    "today": 0, "tonight": 0, "tomorrow": 1, "the day after tomorrow": 2,
    "this morning": 0, "this afternoon": 0, "this evening": 0,
}  # fmt: skip
_WEEKDAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZH_NUM = r"(?:\d+|[零〇一二两三四五六七八九十百半]+)"
_EN_NUM = rf"(?:\d+|{'|'.join([*EN_ONES, *EN_TENS])}|an?|a couple of)"
_ZH_UNITS = {
    "分钟": 1,
    "小时": 60,
    "钟头": 60,
    "天": 1440,
    "周": 10080,
    "星期": 10080,
    "礼拜": 10080,
}
_EN_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}

_ZH_SPAN = re.compile(
    rf"(?:(?P<low>{_ZH_NUM})(?:到|至|-|~))?(?P<n>{_ZH_NUM})个?(?P<work>工作日|工作天)?"
    rf"(?P<unit>分钟|小时|钟头|天|周|星期|礼拜)?(?P<half>半)?(?P<after>之?内|以内|之?后|以后|左右)?"
)
_ZH_DAY = re.compile(
    r"(?P<day>大后天|今天|今日|今晚|当天|明天|明日|明晚|后天)"
    r"|(?P<next>下+个?)?(?:这|本)?(?:周|星期|礼拜)(?P<week>[一二三四五六日天末])"
    rf"|(?:(?P<month>{_ZH_NUM})月)?(?P<date>{_ZH_NUM})[号日](?!线)"
    r"|(?P<end>月底|月末)"
)
_ZH_PART = re.compile(r"早上|早晨|上午|中午|下午|傍晚|晚上|凌晨")
_ZH_CLOCK = re.compile(
    rf"(?P<h>{_ZH_NUM})(?:点钟?(?![都也儿没不小问建意钱时事])|时(?!候))(?:(?P<half>半)"
    rf"|(?P<quarter>[一三])刻|(?P<m>{_ZH_NUM})分?)?"
    r"|(?P<h2>\d{1,2})[:：](?P<m2>\d{2})"
)
_EN_SPAN = re.compile(
    rf"\b(?P<lead>within|in"
    rf"|after)?\s*(?:the next\s+)?(?:(?P<low>{_EN_NUM})\s*(?:to|or"
    rf"|-)\s*)?(?P<n>{_EN_NUM})\s+"
    r"(?:(?P<work>business|working)\s+)?(?P<unit>minute|hour|day|week)s?\b",
    re.IGNORECASE,
)
_EN_DAY = re.compile(
    r"\b(?:(?P<day>the day after tomorrow|today|tonight|tomorrow"
    r"|this morning|this afternoon|this evening)"
    rf"|(?P<next>next\s+)?(?P<week>{'|'.join(_WEEKDAYS_EN)})"
    r"|(?P<end>(?:the\s+)?end of (?:the )?(?P<what>day|week|month)))\b",
    re.IGNORECASE,
)
_EN_PART = re.compile(
    r"\b(morning|noon|afternoon|evening|tonight|night|lunchtime)\b", re.IGNORECASE
)
_EN_CLOCK = re.compile(
    rf"\b(?P<word>by|before|at|around|until|between|and|from"
    rf"|to)\s+(?:about\s+)?(?P<h>\d{{1,2}}|{'|'.join(list(EN_ONES)[1:13])})"
    r"(?::(?P<m>\d{2})|\s+(?P<half>thirty|fifteen"
    r"|forty[- ]five))?\s*(?P<ap>a\.?m\.?|p\.?m\.?|o'?clock)?\b"
    r"(?!\s*(?:business|working|day|hour|minute|week|month|dollar|percent|year|of)s?\b)",
    re.IGNORECASE,
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
        found = [*_dated(text, now, _ZH), *_zh_spans(text, now)]
    elif language == "en":
        found = [*_dated(text, now, _EN), *_en_spans(text, now)]
    else:
        return ()
    kept: list[DueTime] = []
    for item in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or item.start >= kept[-1].end:
            kept.append(item)
    return tuple(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grammar:
    """How one language writes a day, a part of it, and a clock time."""

    day: re.Pattern[str]
    part: re.Pattern[str]
    clock: re.Pattern[str]
    offset: Callable[[re.Match[str], datetime], datetime | None]
    hour: Callable[[re.Match[str]], tuple[int, int] | None]


def _dated(text: str, now: datetime, grammar: _Grammar) -> Iterator[DueTime]:
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
    text: str, group: list[_Token], now: datetime, grammar: _Grammar, named: _Token | None
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
    words += [name for match in days for name in _PARTS if name in match[0].lower()]
    part = _PARTS.get(words[0]) if words else None
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


def _zh_value(text: str) -> float | None:
    if text.isdigit():
        return float(text)
    if text == "半":
        return 0.5
    if len(text) == 1:
        text = {"两": "二"}.get(text, text)
        return (
            float("零一二三四五六七八九十".index(text))
            if text in "零一二三四五六七八九十"
            else None
        )
    digits = chinese_number(text.replace("两", "二"))
    return float(digits) if digits and digits.isdigit() else None


def _en_value(text: str) -> float:
    low = text.lower()
    if low.isdigit():
        return float(low)
    return float(EN_ONES.get(low, EN_TENS.get(low, 2 if low == "a couple of" else 1)))


def _zh_spans(text: str, now: datetime) -> Iterator[DueTime]:
    for match in _ZH_SPAN.finditer(text):
        number = _zh_value(match["n"])
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
        yield _spanned(match, number, _zh_value(match["low"] or ""), _ZH_UNITS, now)


def _en_spans(text: str, now: datetime) -> Iterator[DueTime]:
    for match in _EN_SPAN.finditer(text):
        low = _en_value(match["low"]) if match["low"] else None
        if not (match["lead"] or match["low"] or match["work"]):
            continue
        yield _spanned(match, _en_value(match["n"]), low, _EN_UNITS, now)


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


def _zh_day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["day"]:
        return now + timedelta(days=_DAYS[match["day"]])
    if match["week"]:
        weekday = {"末": 6, "日": 6, "天": 6}.get(match["week"])
        weekday = "一二三四五六".index(match["week"]) if weekday is None else weekday
        return _weekday(now, weekday, len((match["next"] or "").replace("个", "")))
    if match["end"]:
        return _month_end(now)
    day = _zh_value(match["date"])
    month = _zh_value(match["month"]) if match["month"] else None
    return _date(now, int(day), int(month) if month else None) if day else None


def _en_day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["day"]:
        return now + timedelta(days=_DAYS[match["day"].lower()])
    if match["week"]:
        return _weekday(now, _WEEKDAYS_EN.index(match["week"].lower()), 1 if match["next"] else 0)
    what = match["what"].lower()
    if what == "month":
        return _month_end(now)
    return now if what == "day" else _weekday(now, 4, 0)


def _weekday(now: datetime, weekday: int, weeks: int) -> datetime:
    """That weekday of this week (the coming one when it has passed), or of a following week."""
    ahead = weekday - now.weekday() + 7 * weeks
    return now + timedelta(days=ahead + 7 if ahead < 0 else ahead)


def _month_end(now: datetime) -> datetime:
    following = (now.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)


def _date(now: datetime, day: int, month: int | None) -> datetime | None:
    """That date from today on: this month or the next, this year or the next."""
    for ahead in range(13):
        at = (now.month - 1 + ahead) % 12 + 1
        year = now.year + (now.month - 1 + ahead) // 12
        try:
            found = now.replace(year=year, month=at, day=day)
        except ValueError:
            continue
        if (month is None or month == at) and found.date() >= now.date():
            return found
    return None


def _zh_hour(match: re.Match[str]) -> tuple[int, int] | None:
    if match["h2"]:
        hour, minute = float(match["h2"]), float(match["m2"])
    else:
        value = _zh_value(match["h"])
        if value is None:
            return None
        hour = value
        minute = 30 if match["half"] else {"一": 15, "三": 45}.get(match["quarter"] or "", 0)
        minute = minute or (_zh_value(match["m"]) or 0 if match["m"] else 0)
    return (int(hour), int(minute)) if hour <= 24 and minute < 60 else None


def _en_hour(match: re.Match[str]) -> tuple[int, int] | None:
    hour = int(_en_value(match["h"]))
    minute = int(match["m"] or 0)
    minute = {"thirty": 30, "fifteen": 15}.get(
        (match["half"] or "").lower(), 45 if match["half"] else minute
    )
    if hour > 24 or minute > 59:
        return None
    mark = (match["ap"] or "").lower().replace(".", "")
    if mark == "pm" and hour < 12:
        hour += 12
    elif mark == "am" and hour == 12:
        hour = 0
    elif mark == "am":
        return (hour, minute)
    return hour, minute


_ZH = _Grammar(day=_ZH_DAY, part=_ZH_PART, clock=_ZH_CLOCK, offset=_zh_day, hour=_zh_hour)
_EN = _Grammar(day=_EN_DAY, part=_EN_PART, clock=_EN_CLOCK, offset=_en_day, hour=_en_hour)
