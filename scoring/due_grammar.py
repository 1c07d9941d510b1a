"""How Mandarin and English write days, parts of days and clock times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from qa.numerals import EN_ONES, EN_TENS, chinese_number

#: Last hour of a named part of the day.
PARTS = {
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
_ZH_DIGIT = "[零〇一二两三四五六七八九十百半]"
#: Bounded, so that a read-out number of 5,000 digits costs nothing and is no time.
_ZH_NUM = rf"(?:(?<!\d)\d{{1,3}}(?!\d)|(?<!{_ZH_DIGIT}){_ZH_DIGIT}{{1,5}})"
_EN_NUM = rf"(?:(?<!\d)\d{{1,3}}(?!\d)|{'|'.join([*EN_ONES, *EN_TENS])}|an?|a couple of)"
ZH_UNITS = {
    "分钟": 1,
    "小时": 60,
    "钟头": 60,
    "天": 1440,
    "周": 10080,
    "星期": 10080,
    "礼拜": 10080,
}
EN_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}

ZH_SPAN = re.compile(
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
EN_SPAN = re.compile(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How one language writes a day, a part of it, and a clock time."""

    day: re.Pattern[str]
    part: re.Pattern[str]
    clock: re.Pattern[str]
    offset: Callable[[re.Match[str], datetime], datetime | None]
    hour: Callable[[re.Match[str]], tuple[int, int] | None]


def zh_value(text: str) -> float | None:
    """The value of a spoken number (`半` is 0.5), None when it is none."""
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


def en_value(text: str) -> float:
    """The value of a number word; an article is one."""
    low = text.lower()
    if low.isdigit():
        return float(low)
    return float(EN_ONES.get(low, EN_TENS.get(low, 2 if low == "a couple of" else 1)))


def _zh_day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["day"]:
        return now + timedelta(days=_DAYS[match["day"]])
    if match["week"]:
        weekday = {"末": 6, "日": 6, "天": 6}.get(match["week"])
        weekday = "一二三四五六".index(match["week"]) if weekday is None else weekday
        return _weekday(now, weekday, len((match["next"] or "").replace("个", "")))
    if match["end"]:
        return _month_end(now)
    day = zh_value(match["date"])
    month = zh_value(match["month"]) if match["month"] else None
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
        value = zh_value(match["h"])
        if value is None:
            return None
        hour = value
        minute = 30 if match["half"] else {"一": 15, "三": 45}.get(match["quarter"] or "", 0)
        minute = minute or (zh_value(match["m"]) or 0 if match["m"] else 0)
    return (int(hour), int(minute)) if hour <= 24 and minute < 60 else None


def _en_hour(match: re.Match[str]) -> tuple[int, int] | None:
    hour = int(en_value(match["h"]))
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


ZH = Grammar(day=_ZH_DAY, part=_ZH_PART, clock=_ZH_CLOCK, offset=_zh_day, hour=_zh_hour)
EN = Grammar(day=_EN_DAY, part=_EN_PART, clock=_EN_CLOCK, offset=_en_day, hour=_en_hour)
