"""A report in one language, as titled tables: what PDF, XLSX and screen all show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from qa.people.intervals import Estimate
from qa.people.periods import days_of
from qa.reports.report import Decision, Figure, Line, Report
from qa.reports.words import word

Cell = str | int | float | None


class Format(StrEnum):
    """How a column is written. `CHANGE` is a percentage-point or point difference, signed."""

    TEXT = "text"
    COUNT = "count"
    PERCENT = "percent"
    POINTS = "points"
    CHANGE = "change"
    PERCENT_CHANGE = "percent_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A heading and how its cells are written.

    Attributes:
        bar: A share that may be drawn as a bar.
        joined: A lower bound; the next column is its upper bound, and both may share one.
    """

    title: str
    format: Format = Format.TEXT
    bar: bool = False
    joined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table. Shares are 0–1 and become percent when written; None is “–”."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sheets(report: Report, language: str) -> tuple[Sheet, ...]:
    """All tables of a report, decisions first; none has a row where there is nothing to say."""
    makers = (
        *(_decisions, _points, _shares, _bands, _defects, _board),
        *(_reasons, _ageing, _recognition, _sessions),
    )
    return tuple(make(report, language) for make in makers)


def notes(language: str) -> tuple[str, ...]:
    """How the figures are to be read."""
    return tuple(
        word(f"note_{name}", language)
        for name in ("change", "interval", "board", "scope", "people")
    )


def heading(report: Report, language: str) -> tuple[str, str]:
    """Title and subtitle."""
    made = report.made_at.strftime("%Y-%m-%d %H:%M")
    since, until = days_of(report.period)
    values = {
        "period": report.period,
        "since": since,
        "last": until - timedelta(days=1),
        "calls": f"{report.calls:,}",
        "agents": report.agents,
    }
    title = word("title_week" if "W" in report.period else "title_month", language)
    return title, word("subtitle", language, made=made, **values)


def written(value: Cell, form: Format) -> str:
    """A cell as people read it."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if form is Format.COUNT:
        return f"{value:,}"
    digits = {Format.PERCENT: f"{100 * value:.1f}%", Format.POINTS: f"{value:.1f}"}
    signed = {Format.CHANGE: f"{value:+.1f}", Format.PERCENT_CHANGE: f"{100 * value:+.1f}"}
    text = (digits | signed)[form]
    zero = form in signed and not text.strip("+-0.")
    return text[1:] if zero else text.replace("-", "−")


def _decisions(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    rows = tuple(
        (number, _asked(one, language)) for number, one in enumerate(report.decisions, start=1)
    )
    columns = (Column(title=t("number"), format=Format.COUNT), Column(title=t("decision")))
    return Sheet(name="decisions", title=t("decisions"), columns=columns, rows=rows)


def _asked(one: Decision, language: str) -> str:
    percent = partial(written, form=Format.PERCENT)
    return word(
        f"ask_{one.ask}",
        language,
        name=one.name.in_language(language) if one.name else "",
        team=one.team or word("no_team", language),
        value=percent(one.value),
        target=percent(one.target),
        n=f"{one.n:,}",
    )


def _compared(language: str, form: Format) -> tuple[Column, ...]:
    t = partial(word, language=language)
    change = Format.CHANGE if form is Format.POINTS else Format.PERCENT_CHANGE
    return (
        Column(title=t("value"), format=form),
        Column(title=t("low"), format=form, joined=True),
        Column(title=t("high"), format=form),
        Column(title=t("n"), format=Format.COUNT),
        Column(title=t("before"), format=form),
        Column(title=t("change"), format=change),
        Column(title=t("verdict")),
    )


def _cells(figure: Figure, language: str) -> tuple[Cell, ...]:
    return (
        *_estimate(figure.now),
        figure.before.value if figure.before else None,
        figure.difference.value if figure.difference else None,
        word(figure.change, language),
    )


def _estimate(found: Estimate | None) -> tuple[Cell, ...]:
    return (found.value, found.low, found.high, found.n) if found else (None, None, None, 0)


def _points(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (Column(title=t("measure")), *_compared(language, Format.POINTS))
    rows: Sequence[tuple[Cell, ...]] = [(t("quality"), *_cells(report.quality, language))]
    return Sheet(name="quality", title=t("headline"), columns=columns, rows=tuple(rows))


def _shares(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (
        Column(title=t("measure")),
        *_compared(language, Format.PERCENT),
        Column(title=t("target"), format=Format.PERCENT),
    )
    rows: list[tuple[Cell, ...]] = [(t("passed"), *_cells(report.passed, language), None)]
    rows += [
        (one.name.in_language(language), *_cells(one.figure, language), one.target)
        for one in report.critical
    ]
    return Sheet(name="critical", title="", columns=columns, rows=tuple(rows))


def _bands(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (
        Column(title=t("band")),
        Column(title=t("calls"), format=Format.COUNT),
        Column(title=t("share"), format=Format.PERCENT, bar=True),
    )
    rows = tuple((f"{one.low}–{one.high}", one.calls, one.share) for one in report.bands[::-1])
    known = rows if report.calls else ()
    return Sheet(name="bands", title=t("bands"), columns=columns, rows=known)


def _defects(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (
        Column(title=t("criterion")),
        Column(title=t("lost"), format=Format.POINTS),
        Column(title=t("misses"), format=Format.COUNT),
        Column(title=t("rate"), format=Format.PERCENT),
        *_compared(language, Format.PERCENT)[1:],
        Column(title=t("mostly_in")),
        Column(title=t("owner")),
    )
    rows = tuple(
        (
            f"{one.criterion_id} {one.name.in_language(language)}",
            one.lost,
            one.misses,
            *_cells(one.figure, language),
            f"{one.team or t('no_team')} ({one.team_misses})" if one.misses else None,
            one.owner or None,
        )
        for one in report.defects
    )
    return Sheet(name="defects", title=t("defects"), columns=columns, rows=rows)


def _board(report: Report, language: str) -> Sheet:
    return Sheet(
        name="board",
        title=word("board", language),
        columns=board_columns(language),
        rows=tuple(board_row(line, language) for line in report.board),
    )


def board_columns(language: str) -> tuple[Column, ...]:
    """Columns of the board of improvements; figures are in the indicator's own unit."""
    t = partial(word, language=language)
    return (
        *(Column(title=t(name)) for name in ("finding", "owner", "action", "due", "step")),
        Column(title=t("at_first"), format=Format.POINTS),
        Column(title=t("again"), format=Format.POINTS),
        Column(title=t("change"), format=Format.CHANGE),
        Column(title=t("low"), format=Format.CHANGE, joined=True),
        Column(title=t("high"), format=Format.CHANGE),
        Column(title=t("verdict")),
    )


def board_row(line: Line, language: str) -> tuple[Cell, ...]:
    """One improvement with its re-measurement."""
    item, figure, gap = line.item, line.figure, line.figure.difference
    found = (
        figure.before and figure.before.value,
        figure.now and figure.now.value,
        *((gap.value, gap.low, gap.high) if gap else (None, None, None)),
    )
    due = f"{item.due_on}" + (f" ({word('late', language)})" if line.overdue else "")
    return (
        f"{item.finding} [{line.about.in_language(language)}]",
        item.owner or None,
        item.action or None,
        due,
        word(f"step_{item.step}", language),
        *(None if value is None else value * line.scale for value in found),
        word(figure.change, language) if item.done_on else word("not_yet", language),
    )


def _sessions(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (
        Column(title=t("session")),
        Column(title=t("calls"), format=Format.COUNT),
        Column(title=t("raters"), format=Format.COUNT),
        Column(title=t("closed_on")),
    )
    rows = tuple(
        (one.name, one.calls, one.raters, str(one.closed_on) if one.closed_on else t("still_open"))
        for one in report.sessions
    )
    return Sheet(name="sessions", title=t("sessions"), columns=columns, rows=rows)


def _reasons(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (
        Column(title=t("reason")),
        Column(title=t("calls"), format=Format.COUNT),
        Column(title=t("share"), format=Format.PERCENT, bar=True),
        Column(title=t("running"), format=Format.PERCENT),
    )
    rows = tuple(
        (one.name.in_language(language), one.calls, one.share, one.running)
        for one in report.reasons
    )
    return Sheet(name="reasons", title=t("reasons"), columns=columns, rows=rows)


def _ageing(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    names = ("under_1", "under_3", "under_7", "older", "open", "overdue")
    columns = (
        Column(title=t("priority")),
        *(Column(title=t(name), format=Format.COUNT) for name in names),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (t(f"priority_{one.priority}"), *(int(getattr(one, name)) for name in names))
        for one in report.ageing
    )
    return Sheet(name="ageing", title=t("ageing"), columns=columns, rows=rows)


def _recognition(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (Column(title=t("measure")), *_compared(language, Format.PERCENT)[:4])
    names = ("confidence", "doubtful", "unscored", "sampled", "reviewed", "agreed")
    rows = [(t(name), *_estimate(getattr(report.recognition, name))) for name in names]
    return Sheet(name="recognition", title=t("recognition"), columns=columns, rows=tuple(rows))
