"""File names that say something: patterns with named groups, and habits of well-known recorders."""

from __future__ import annotations

import re
from collections.abc import Mapping

from qa.errors import SourceError
from qa.sources.manifest import COLUMNS

#: Group names with a meaning; any other named group becomes a tag.
KNOWN_GROUPS = frozenset(COLUMNS) - {"file"} | {"date", "time"}

_NO_DIGIT = re.compile(r"\D+")
_DATE = r"(?P<date>20\d{2}-?[01]\d-?[0-3]\d)"
_TIME = r"(?P<time>[0-2]\d[-:]?[0-5]\d[-:]?[0-5]\d)"

#: Name → pattern over the file name without its suffix. The first that fits the whole name wins.
HABITS: Mapping[str, re.Pattern[str]] = {
    # Auto0_GUID_000_AGENT_ChrisL_DT_2023-02-19T06-01-22_Mono (Amazon Connect exports)
    "guid_agent_dt": re.compile(
        r"(?P<call_id>[^_]+_GUID_[^_]+)(?:_CUST_(?P<customer>[^_]+))?_AGENT_(?P<agent_id>.+?)"
        r"_DT_(?P<started_at>\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2})"
        r"(?:_(?P<layout>Mono|Stereo))?(?:_(?P<language>[a-z]{2}(?:-[A-Z]{2})?))?",
        re.IGNORECASE,
    ),
    # in-4001-13800138000-20240319-143055-1710829855.123 (FreePBX, Asterisk)
    "freepbx": re.compile(
        r"(?P<direction>in|out|internal)-(?P<first>[^-]+)-(?P<second>[^-]+)-"
        rf"{_DATE}-{_TIME}-(?P<call_id>\d+\.\d+)"
    ),
    # q-800-13800138000-20240319-143055-1710829855.123 (FreePBX queue)
    "freepbx_queue": re.compile(
        rf"q-(?P<queue>[^-]+)-(?P<customer>[^-]+)-{_DATE}-{_TIME}-(?P<call_id>\d+\.\d+)"
    ),
    # 20240319-143055_13800138000_SALES_agent07-all (VICIdial)
    "vicidial": re.compile(
        rf"{_DATE}-{_TIME}_(?P<customer>\d{{5,}})_(?P<queue>[^_]+)_(?P<agent_id>[^_]+?)(?:-all)?"
    ),
    # 1023_20240319_143055, agent07-20240319143055, 工号1023_2024-03-19_14-30-55
    "agent_time": re.compile(
        rf"(?:工号|坐席)?(?P<agent_id>[^_\s]*?[^_\s-])[_-]{_DATE}[_T-]?{_TIME}"
    ),
    # 20240319_143055_1023, 20240319143055-agent07
    "time_agent": re.compile(rf"{_DATE}[_T-]?{_TIME}[_-](?:工号|坐席)?(?P<agent_id>[^_\s-]+)"),
}


def compile_pattern(pattern: str) -> dict[str, re.Pattern[str]]:
    """The patterns to try: one by name or by expression, or all habits when empty.

    Raises:
        SourceError: Not a regular expression, or one without named groups.
    """
    if not pattern:
        return dict(HABITS)
    if pattern in HABITS:
        return {pattern: HABITS[pattern]}
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise SourceError(
            f"the file-name pattern is not a regular expression ({error})",
            "pattern",
            f"correct it, or name one of {', '.join(HABITS)}",
        ) from error
    if not compiled.groupindex:
        raise SourceError(
            "the file-name pattern has no named groups",
            "pattern",
            "name the parts, e.g. (?P<agent_id>[^_]+)_(?P<date>\\d{8})_(?P<time>\\d{6})",
        )
    return {"given": compiled}


def read_name(stem: str, patterns: Mapping[str, re.Pattern[str]]) -> tuple[str, dict[str, str]]:
    """Name of the pattern that fits the whole stem, and its groups as columns; `("", {})` if none.

    `date` and `time` are joined into `started_at`; the two parties of a FreePBX name are told apart
    by the direction.
    """
    for name, pattern in patterns.items():
        if match := pattern.fullmatch(stem):
            return name, _columns({key: text or "" for key, text in match.groupdict().items()})
    return "", {}


def _columns(groups: dict[str, str]) -> dict[str, str]:
    if "date" in groups and not groups.get("started_at"):
        date = _NO_DIGIT.sub("", groups["date"])
        time = _NO_DIGIT.sub("", groups.get("time", "")) or "000000"
        groups["started_at"] = f"{date}{time}"
    groups.pop("date", None)
    groups.pop("time", None)
    if "first" in groups and "second" in groups:
        first, second = groups.pop("first"), groups.pop("second")
        # in-DID-CALLER, out-CALLED-EXTENSION, internal-EXTENSION-EXTENSION
        if groups.get("direction") == "in":
            groups |= {"queue": first, "customer": second}
        elif groups.get("direction") == "out":
            groups |= {"customer": first, "agent_id": second}
        else:
            groups |= {"agent_id": second}
    return {key: text for key, text in groups.items() if text}
