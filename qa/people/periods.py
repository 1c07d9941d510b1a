"""Periods as people write them: `2026-09`, `2026-W38`, `2026-Q3`, `2026`."""

from __future__ import annotations

import re
from datetime import date, timedelta

_PERIOD = re.compile(
    r"(?P<year>20\d\d)(?:-?(?:Q(?P<quarter>[1-4])|W(?P<week>\d{1,2})|(?P<month>\d{1,2})))?"
)


def days_of(period: str) -> tuple[date, date]:
    """First day and the day after the last one.

    Raises:
        ValueError: It is no period.
    """
    found = _PERIOD.fullmatch(period.strip().upper())
    if found is None:
        raise ValueError(f"{period!r} is no period")
    year = int(found["year"])
    if found["week"]:  # ISO 8601: weeks begin on Monday, the first one holds 4 January
        monday = date.fromisocalendar(year, int(found["week"]), 1)
        return monday, monday + timedelta(days=7)
    first, length = 1, 12
    if found["quarter"]:
        first, length = 3 * int(found["quarter"]) - 2, 3
    elif found["month"]:
        first, length = int(found["month"]), 1
    after = first + length
    return date(year, first, 1), date(year + (after > 12), (after - 1) % 12 + 1, 1)


def month_of(day: date) -> str:
    """The month of a day, `2026-09`."""
    return f"{day.year:04d}-{day.month:02d}"


def week_of(day: date) -> str:
    """The ISO week of a day, `2026-W38`."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def before(period: str) -> str:
    """The month before a month, the week before a week."""
    eve = days_of(period)[0] - timedelta(days=1)
    return week_of(eve) if "W" in period.upper() else month_of(eve)


def last_day(period: str) -> date:
    """The last day of a period."""
    return days_of(period)[1] - timedelta(days=1)


def months_between(since: date, until: date) -> list[str]:
    """The months that [since, until) touches, oldest first."""
    found, day = [], since.replace(day=1)
    while day < until:
        found.append(month_of(day))
        day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found
