"""Which reports should exist by now: the week's and the month's, each from its day on."""

from __future__ import annotations

from datetime import date, timedelta

from qa.people.periods import before, month_of, week_of

#: After a long stop so many reports are made up for, the newest ones.
MOST = 8


def due_weeks(today: date, weekday: int, last: str) -> list[str]:
    """Weeks that are over and have no report, oldest first.

    Args:
        today: The site's day.
        weekday: From which day of the next week on: 1 Monday … 7 Sunday; 0 for none at all.
        last: The newest week with a report, empty when there is none; then only one is due.
    """
    if not weekday:
        return []
    return _missing(before(week_of(today - timedelta(days=weekday - 1))), last)


def due_months(today: date, day: int, last: str) -> list[str]:
    """Months that are over without a report, oldest first; from `day` of the next one, 0 none."""
    if not day:
        return []
    return _missing(before(month_of(today - timedelta(days=day - 1))), last)


def _missing(newest: str, last: str) -> list[str]:
    found: list[str] = []
    period = newest
    while period > last and len(found) < MOST:
        found.append(period)
        if not last:
            break
        period = before(period)
    return found[::-1]
