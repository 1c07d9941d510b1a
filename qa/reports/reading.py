"""The report of a month out of the store, with what the asker may see and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qa.access import Action, Person, require
from qa.errors import SettingsError
from qa.evaluation import Bilingual
from qa.people.periods import days_of
from qa.reports.report import Report

if TYPE_CHECKING:
    from qa.store import Store

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def monthly_report(
    store: Store,
    person: Person,
    month: str,
    *,
    timezone: str,
    now: datetime,
    reasons: Mapping[str, Bilingual],
) -> Report:
    """Read a month and the month before it, and sum them up.

    Args:
        store: The site's store; figures about people must be fresh (the night refreshes them).
        person: Who asks; needs the right to read reports.
        month: `2026-09`.
        timezone: The site's: days are local.
        now: An aware moment; open risks age up to it.
        reasons: Reason for contact → its title.

    Raises:
        AccessDeniedError: The person may not.
        SettingsError: It is no month.
    """
    from qa.reports.summary import Material, summarise  # noqa: PLC0415  (pandas)

    require(person, Action.READ_REPORTS)
    if _MONTH.fullmatch(month) is None:
        raise SettingsError(f"{month!r} is no month", "--month", "write YYYY-MM")
    zone = ZoneInfo(timezone)
    since, until = days_of(month)
    earlier = (since - timedelta(days=1)).replace(day=1)
    frames, asked = store.people.frames, Action.READ_REPORTS
    start, end = (datetime.combine(day, time(), zone) for day in (since, until))
    return summarise(
        Material(
            month=month,
            made_at=now.astimezone(zone),
            facts=frames.facts(person, since=since, until=until, action=asked),
            facts_before=frames.facts(person, since=earlier, until=since, action=asked),
            outcomes=frames.outcomes(person, since=since, until=until, action=asked),
            outcomes_before=frames.outcomes(person, since=earlier, until=since, action=asked),
            risks=store.risks.all(since=start, until=end, person=person),
            queue=store.risks.queue(person=person),
            criteria=store.people.criterion_names(),
            reasons=reasons,
        )
    )
