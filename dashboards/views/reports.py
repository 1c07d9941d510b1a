"""The management report: choose a month or week, read it, take it away; the improvements."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from dashboards import data, exports, frame, improvements, insight_data, people_data, tables
from dashboards.data import BY_VIEWER
from qa.access import Action, require
from qa.evaluation import Bilingual
from qa.people.periods import before, days_of, week_of
from qa.reports.pdf import to_pdf
from qa.reports.reading import Calls, calls_of, report_of
from qa.reports.report import Report
from qa.reports.sheets import notes, sheets
from qa.reports.workbook import to_xlsx
from qa.settings import load_settings
from qa.store import Store

#: So many weeks can be chosen, newest first.
_WEEKS = 16


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("reports.title"))
    opened = data.require_store(t("app.no_store"))
    require(frame.viewer(), Action.READ_REPORTS)
    known = people_data.months(opened)[::-1]
    if not known:
        st.info(t("reports.no_months"), icon=":material/info:")
        return
    report, board = st.tabs([t("reports.report"), t("improvements.title")])
    with report:
        _report_tab(known, opened, t)
    with board:
        improvements.draw(opened, t)


def _report_tab(known: list[str], opened: Store, t: frame.Translate) -> None:
    side = frame.evidence_language()
    columns = st.columns([2, 2, 2, 2.2, 2.2], vertical_alignment="bottom")
    kind = columns[0].segmented_control(
        t("reports.kind"), ["month", "week"], default="month", key=f"report-kind-{side}",
        format_func=lambda one: t(f"reports.{one}"),
    )  # fmt: skip
    periods = known if kind != "week" else _weeks(known)
    period = columns[1].selectbox(t(f"reports.{kind or 'month'}"), periods)
    language = columns[2].segmented_control(
        t("reports.language"), ["zh", "en"], default=side, key=f"report-{side}",
        format_func={"zh": "中文", "en": "English"}.__getitem__,
    )  # fmt: skip
    found = _report(period, opened)
    for column, form in zip(columns[3:5], ("pdf", "xlsx"), strict=True):
        with column:
            _download(found, form, language or side, t)
    _draw(found, side, t)


def _weeks(months: list[str]) -> list[str]:
    """Weeks that may hold calls, newest first."""
    today = people_data.today()
    week = week_of(min(today, days_of(months[0])[1]))
    first = days_of(months[-1])[0]
    found: list[str] = []
    while len(found) < _WEEKS and days_of(week)[1] > first:
        found.append(week)
        week = before(week)
    return found


@st.cache_data(ttl="1m", max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def _report(period: str, opened: Store) -> Report:
    zh, en = (insight_data.reason_titles(side) for side in ("zh", "en"))
    return report_of(
        opened,
        frame.viewer(),
        period,
        timezone=load_settings().timezone,
        now=datetime.now(UTC),
        reasons={key: Bilingual(zh=zh[key], en=en[key]) for key in zh},
        lines=improvements.measured(people_data.today(), opened),
        read=lambda one: _calls(one, opened),
    )


@st.cache_data(ttl="1m", max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def _calls(period: str, opened: Store) -> Calls:
    """What is known of a period's calls: the next month's report compares itself with it."""
    return calls_of(opened, frame.viewer(), period)


def _download(found: Report, form: str, language: str, t: frame.Translate) -> None:
    write = to_pdf if form == "pdf" else to_xlsx
    exports.offer(
        t(f"reports.{form}"),
        partial(write, found, language),
        f"report-{found.period}-{language}.{form}",
        kind="report",
        subject=found.period,
        detail={"format": form, "language": language},
        width="stretch",
    )


def _draw(found: Report, side: str, t: frame.Translate) -> None:
    st.caption(t("reports.counts", calls=f"{found.calls:,}", agents=found.agents))
    for sheet in sheets(found, side):
        if sheet.title:
            st.subheader(sheet.title)
        if sheet.name == "decisions":
            lines = [f"{row[0]}. {frame.plain(str(row[1]))}" for row in sheet.rows]
            st.info("\n".join(lines) or t("reports.no_decisions"))
        elif sheet.rows:
            tables.draw(sheet.columns, sheet.rows)
        else:
            st.caption(t("reports.none"))
    with st.expander(t("reports.notes"), icon=":material/help:"):
        for text in notes(side):
            st.caption(frame.plain(text))
