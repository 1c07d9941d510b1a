"""Reading one value of a manifest or file name: times, directions, layouts, languages, ids."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qa.calls import ChannelLayout, Direction
from qa.errors import SettingsError

T = TypeVar("T")

_DIRECTIONS = {
    Direction.INBOUND: ("inbound", "in", "incoming", "呼入", "来电", "入呼", "客户来电"),
    Direction.OUTBOUND: ("outbound", "out", "outgoing", "呼出", "去电", "外呼", "外拨"),
    Direction.INTERNAL: ("internal", "内部", "内线"),
    Direction.UNKNOWN: ("", "unknown", "未知"),
}
_LAYOUTS = {
    ChannelLayout.MONO: ("mono", "1", "single", "单声道", "单轨"),
    ChannelLayout.STEREO: ("stereo", "2", "dual", "双声道", "双轨", "立体声"),
    ChannelLayout.AGENT_LEFT: ("agent_left", "left=agent", "agent=left", "坐席左", "左坐席"),
    ChannelLayout.AGENT_RIGHT: ("agent_right", "right=agent", "agent=right", "坐席右", "右坐席"),
    ChannelLayout.UNKNOWN: ("", "unknown", "auto", "未知"),
}
_LANGUAGES = {
    "zh": ("zh", "chinese", "mandarin", "cmn", "zho", "chi", "中文", "汉语", "普通话", "国语"),
    "en": ("en", "english", "eng", "英文", "英语"),
    "": ("", "auto", "unknown", "自动"),
}

#: Written times beside ISO 8601: 2024/3/19 14:30, 2024-03-19_14-30-55, 2024年3月19日14时30分55秒,
#: 20240319143055. One expression, as a listing may hold a million of them.
_WRITTEN = re.compile(
    r"(\d{4})(?:[-/.年](\d\d?)[-/.月](\d\d?)日?|(\d\d)(\d\d))"
    r"(?:[T_ -]?(\d\d?)[-:时](\d\d)(?:[-:分](\d\d))?[分秒]?|[T_ -]?(\d\d)(\d\d)(\d\d))?"
)
_EPOCH = re.compile(r"\d{10}(\d{3})?(\.\d+)?")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)
_UNSAFE_ID = re.compile(r"[\x00-\x1f\x7f/\\]")


def zone(name: str) -> tzinfo:
    """The time zone of this name.

    Raises:
        SettingsError: No such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"no time zone {name!r}", "timezone", "use a name such as Asia/Shanghai"
        ) from error


def moment(text: str, local: tzinfo, *, now: datetime) -> datetime | None:
    """A time as written; without a zone of its own it is local. Empty gives None.

    Raises:
        ValueError: Not a time, before 1990, or more than two days in the future.
    """
    text = text.strip()
    if not text:
        return None
    found = _written(text) or _epoch(text) or _iso(text)
    if found is None:
        raise ValueError(f"{text!r} is not a date and time")
    moment = (found if found.tzinfo else found.replace(tzinfo=local)).astimezone(UTC)
    if moment < _EARLIEST:
        raise ValueError(f"{text!r} is before 1990")
    if moment - now > _AHEAD:
        raise ValueError(f"{text!r} lies in the future")
    return moment


def _epoch(text: str) -> datetime | None:
    if not (match := _EPOCH.fullmatch(text)):
        return None
    seconds = float(text) / (1000 if match.group(1) else 1)
    return datetime.fromtimestamp(seconds, UTC)


def _written(text: str) -> datetime | None:
    if not (match := _WRITTEN.fullmatch(text)):
        return None
    parts = [int(part) for part in match.groups() if part]
    try:
        return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def direction(text: str) -> Direction:
    """Who started the call, in any of the usual words.

    Raises:
        ValueError: An unknown word.
    """
    return _word(text, _DIRECTIONS, "a direction; use inbound, outbound or internal")


def layout(text: str) -> ChannelLayout:
    """What the channels hold, in any of the usual words.

    Raises:
        ValueError: An unknown word.
    """
    choices = "a channel layout; use mono, stereo, agent_left or agent_right"
    return _word(text, _LAYOUTS, choices)


def language(text: str) -> str:
    """ISO 639-1 code of a language name or tag (`zh-CN`, `中文`, `english` …); empty stays empty.

    Raises:
        ValueError: Not a language.
    """
    word = text.strip().lower().replace("_", "-")
    for code, names in _LANGUAGES.items():
        if word in names:
            return code
    code = word.partition("-")[0]
    if len(code) == 2 and code.isascii() and code.isalpha():
        return code
    raise ValueError(f"{text!r} is not a language; use zh, en or another ISO 639-1 code")


def identifier(text: str) -> str:
    """A call, agent, team or queue name: trimmed, at most 200 characters, safe in a file name.

    Raises:
        ValueError: Too long, or with control characters or slashes.
    """
    word = text.strip()
    if len(word) > 200:
        raise ValueError(f"{word[:20]!r}… is longer than 200 characters")
    if _UNSAFE_ID.search(word) or word in (".", ".."):
        raise ValueError(f"{word!r} holds a slash or a control character")
    return word


def _word(text: str, known: dict[T, tuple[str, ...]], what: str) -> T:
    word = text.strip().lower().replace(" ", "_")
    for value, names in known.items():
        if word in names:
            return value
    raise ValueError(f"{text!r} is not {what}")
