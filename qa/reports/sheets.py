"""A report in one language, as titled tables: what PDF, XLSX and screen all show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from qa.people.intervals import Estimate
from qa.reports.report import Decision, Figure, Report
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
    makers = (_decisions, _points, _shares, _bands, _defects, _reasons, _ageing, _recognition)
    return tuple(make(report, language) for make in makers)


def notes(language: str) -> tuple[str, ...]:
    """How the figures are to be read."""
    return tuple(
        word(f"note_{name}", language) for name in ("change", "interval", "scope", "people")
    )


def heading(report: Report, language: str) -> tuple[str, str]:
    """Title and subtitle."""
    made = report.made_at.strftime("%Y-%m-%d %H:%M")
    values = {"month": report.month, "calls": f"{report.calls:,}", "agents": report.agents}
    return word("title", language), word("subtitle", language, made=made, **values)


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
        Column(title=t("owner")),
    )
    rows = tuple(
        (
            f"{one.criterion_id} {one.name.in_language(language)}",
            one.lost,
            one.misses,
            *_cells(one.figure, language),
            f"{one.team or t('no_team')} ({one.team_misses})" if one.misses else None,
        )
        for one in report.defects
    )
    return Sheet(name="defects", title=t("defects"), columns=columns, rows=rows)


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
        (one.priority, *(int(getattr(one, name)) for name in names)) for one in report.ageing
    )
    return Sheet(name="ageing", title=t("ageing"), columns=columns, rows=rows)


def _recognition(report: Report, language: str) -> Sheet:
    t = partial(word, language=language)
    columns = (Column(title=t("measure")), *_compared(language, Format.PERCENT)[:4])
    names = ("confidence", "doubtful", "unscored", "reviewed")
    rows = [(t(name), *_estimate(getattr(report.recognition, name))) for name in names]
    return Sheet(name="recognition", title=t("recognition"), columns=columns, rows=tuple(rows))
