"""When a week's or a month's report is due."""

from datetime import date

import pytest

from qa.people.periods import before, days_of, week_of
from qa.reports.schedule import due_months, due_weeks

MONDAY = date(2026, 9, 21)  # the first day of 2026-W39


@pytest.mark.parametrize(
    ("today", "weekday", "last", "due"),
    [
        (MONDAY, 1, "", ["2026-W38"]),
        (MONDAY, 1, "2026-W38", []),
        (MONDAY, 3, "2026-W37", []),  # not before Wednesday
        (date(2026, 9, 23), 3, "2026-W37", ["2026-W38"]),
        (date(2026, 9, 27), 3, "2026-W37", ["2026-W38"]),  # the night of Wednesday was missed
        (MONDAY, 1, "2026-W35", ["2026-W36", "2026-W37", "2026-W38"]),
        (date(2027, 1, 4), 1, "2026-W52", ["2026-W53"]),
        (MONDAY, 0, "", []),
        (MONDAY, 1, "2026-W40", []),  # a clock that was wrong once
    ],
)
def test_a_week_is_due_once_from_its_day_on(today, weekday, last, due):
    assert due_weeks(today, weekday, last) == due


@pytest.mark.parametrize(
    ("today", "day", "last", "due"),
    [
        (date(2026, 10, 1), 1, "", ["2026-09"]),
        (date(2026, 10, 4), 5, "2026-08", []),
        (date(2026, 10, 5), 5, "2026-08", ["2026-09"]),
        (date(2027, 1, 9), 5, "2026-11", ["2026-12"]),
        (date(2026, 10, 5), 0, "", []),
    ],
)
def test_a_month_is_due_once_from_its_day_on(today, day, last, due):
    assert due_months(today, day, last) == due


def test_a_long_stop_is_made_up_for_within_reason():
    found = due_weeks(MONDAY, 1, "2024-W01")
    assert (len(found), found[-1]) == (8, "2026-W38")


def test_weeks_are_those_of_iso_8601():
    assert week_of(date(2027, 1, 3)) == "2026-W53"
    assert days_of("2026-W53") == (date(2026, 12, 28), date(2027, 1, 4))
    assert (before("2027-W01"), before("2026-W38"), before("2026-01")) == (
        "2026-W53", "2026-W37", "2025-12",
    )  # fmt: skip
    with pytest.raises(ValueError, match="53"):
        days_of("2025-W53")
