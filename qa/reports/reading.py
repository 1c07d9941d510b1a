"""The report of a month or week out of the store, with what the asker may see and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from qa.access import Action, Person, require
from qa.errors import SettingsError
from qa.evaluation import Bilingual
from qa.people.periods import before, days_of
from qa.reports.improvements import Improvement
from qa.reports.report import Line, Report, Session

if TYPE_CHECKING:
    import pandas as pd

    from qa.store import Store

#: Looks into the store at the same time: while a database works, Python is free for another.
_AT_ONCE = 2
_PERIOD = re.compile(r"20\d\d-(0[1-9]|1[0-2]|W(0[1-9]|[1-4]\d|5[0-3]))")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What is known of a period's calls: `PeopleFrames.facts`, and `outcome_sums` by team."""

    facts: pd.DataFrame
    outcomes: pd.DataFrame


def report_of(
    store: Store,
    person: Person,
    period: str,
    *,
    timezone: str,
    now: datetime,
    reasons: Mapping[str, Bilingual],
    lines: Sequence[Line] | None = None,
    read: Callable[[str], Calls] | None = None,
) -> Report:
    """Read a period and the one before it, and sum them up.

    Args:
        store: The site's store; figures about people must be fresh (the night refreshes them).
        person: Who asks; needs the right to read reports.
        period: A month, `2026-09`, or an ISO week, `2026-W38`.
        timezone: The site's: days are local.
        now: An aware moment; open risks age up to it.
        reasons: Reason for contact → its title.
        lines: The whole `board`, where it has been measured already.
        read: Another way to `calls_of` this person, which remembers what it has read.

    Raises:
        AccessDeniedError: The person may not.
        SettingsError: It is neither a month nor a week.
    """
    from qa.reports.summary import Material, summarise  # noqa: PLC0415  (pandas)

    require(person, Action.READ_REPORTS)
    zone = ZoneInfo(timezone)
    since, until = _days(period)
    start, end = (datetime.combine(day, time(), zone) for day in (since, until))
    today = now.astimezone(zone).date()
    read = read or partial(calls_of, store, person)
    own, earlier = read(period), read(before(period))
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        look = pool.submit
        verdicts = look(_verdicts, store, start, end)
        risks = look(store.risks.all, since=start, until=end, person=person)
        queue = look(store.risks.queue, person=person)
        sampled = look(store.samples.drawn, start, end)
        sessions = look(_sessions, store, person, start, end)
        shown = board(store, person, today, closed_since=since) if lines is None else lines
    return summarise(
        Material(
            period=period,
            made_at=now.astimezone(zone),
            facts=own.facts,
            facts_before=earlier.facts,
            outcomes=own.outcomes,
            outcomes_before=earlier.outcomes,
            risks=risks.result(),
            queue=queue.result(),
            sampled=sampled.result(),
            verdicts=verdicts.result(),
            sessions=sessions.result(),
            board=tuple(line for line in shown if not _ended(line.item, since)),
            criteria=store.people.criterion_names(),
            reasons=reasons,
        )
    )


def calls_of(store: Store, person: Person, period: str) -> Calls:
    """What a report says of the calls of a month or week.

    Raises:
        AccessDeniedError: The person may not.
        SettingsError: It is neither a month nor a week.
    """
    since, until = _days(period)
    frames, asked, by = store.people.frames, Action.READ_REPORTS, ("criterion_id", "team")
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        look = pool.submit
        outcomes = look(frames.outcome_sums, person, by, since=since, until=until, action=asked)
        facts = look(frames.facts, person, since=since, until=until, action=asked)
    return Calls(facts=facts.result(), outcomes=outcomes.result())


def board(
    store: Store, person: Person, today: date, *, closed_since: date | None = None
) -> tuple[Line, ...]:
    """The board of improvements, each line measured again.

    Args:
        store: The site's store.
        person: Who asks; sees the lines of their teams.
        today: The site's day.
        closed_since: Leave out what was concluded before this day.
    """
    from qa.people.indicators import indicator  # noqa: PLC0415  (pandas)

    names = store.people.criterion_names()
    items = [
        item
        for item in store.improvements.all(person)
        if not (closed_since and _ended(item, closed_since))
    ]
    figures = store.improvements.measure(person, items, today=today)
    found = []
    for item, figure in zip(items, figures, strict=True):
        about = indicator(item.measure, names)
        found.append(
            Line(
                item=item,
                about=about.name,
                scale=about.scale,
                figure=figure,
                overdue=item.is_overdue(today),
            )
        )
    return tuple(found)


def _ended(item: Improvement, since: date) -> bool:
    """Whether it was concluded before a day."""
    return item.closed_at is not None and item.closed_at.date() < since


def _days(period: str) -> tuple[date, date]:
    if _PERIOD.fullmatch(period):
        try:
            return days_of(period)
        except ValueError:  # a year without a 53rd week
            pass
    raise SettingsError(
        f"{period!r} is neither a month nor a week", "--period", "write YYYY-MM or YYYY-Www"
    )


def _verdicts(store: Store, start: datetime, end: datetime) -> Counter[tuple[str, str]]:
    from qa.store.review_figures import Period  # noqa: PLC0415

    found: Counter[tuple[str, str]] = Counter()
    figures = store.review_figures
    for scorecard in figures.scorecards():
        span = Period(scorecard_id=scorecard, since=start, until=end, by_chance=True)
        for counts in figures.confusion(span).values():
            found.update(counts)
    return found


def _sessions(store: Store, person: Person, start: datetime, end: datetime) -> tuple[Session, ...]:
    return tuple(
        Session(
            name=one.name,
            calls=len(one.evaluations),
            raters=len(one.raters),
            closed_on=one.closed_at.astimezone(start.tzinfo).date() if one.closed_at else None,
        )
        for one in store.calibrations.of_person(person)
        if one.made_at < end and (one.closed_at is None or one.closed_at >= start)
    )
