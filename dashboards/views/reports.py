"""The management report: choose a month, read it, take it away as PDF or XLSX."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboards import data, frame, insight_data, people_data
from dashboards.data import BY_VIEWER
from qa.access import Action, require
from qa.audit import AuditAction
from qa.evaluation import Bilingual
from qa.reports.pdf import to_pdf
from qa.reports.reading import report_of
from qa.reports.report import Report
from qa.reports.sheets import Column, Format, Sheet, notes, sheets
from qa.reports.workbook import to_xlsx
from qa.settings import load_settings
from qa.store import Store

_FORMATS = {
    Format.COUNT: "localized",
    Format.POINTS: "%.1f",
    Format.CHANGE: "%+.1f",
    Format.PERCENT: "percent",
    Format.PERCENT_CHANGE: "percent",
}


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
    side = frame.evidence_language()
    left, middle, *rest = st.columns([2, 2, 2, 2, 4], vertical_alignment="bottom")
    month = left.selectbox(t("reports.month"), known)
    language = middle.segmented_control(
        t("reports.language"), ["zh", "en"], default=side, key=f"report-{side}",
        format_func={"zh": "中文", "en": "English"}.__getitem__,
    )  # fmt: skip
    found = _report(month, opened)
    with rest[0]:
        _download(found, "pdf", language or side, t)
    with rest[1]:
        _download(found, "xlsx", language or side, t)
    _draw(found, side, t)


@st.cache_data(ttl="1m", max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def _report(month: str, opened: Store) -> Report:
    zh, en = (insight_data.reason_titles(side) for side in ("zh", "en"))
    return report_of(
        opened,
        frame.viewer(),
        month,
        timezone=load_settings().timezone,
        now=datetime.now(UTC),
        reasons={key: Bilingual(zh=zh[key], en=en[key]) for key in zh},
    )


def _download(found: Report, form: str, language: str, t: frame.Translate) -> None:
    st.download_button(
        t(f"reports.{form}"),
        data=partial(_taken, found, form, language),
        file_name=f"report-{found.period}-{language}.{form}",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def _taken(found: Report, form: str, language: str) -> bytes:
    """The file, made when somebody asks for it, and noted: who took which month away."""
    person = frame.viewer()
    require(person, Action.READ_REPORTS)
    content = (to_pdf if form == "pdf" else to_xlsx)(found, language)
    data.writer().audit.record(
        person.user_id,
        AuditAction.EXPORT,
        kind="report",
        subject=found.period,
        detail={"format": form, "language": language},
    )
    return content


def _draw(found: Report, side: str, t: frame.Translate) -> None:
    st.caption(t("reports.counts", calls=f"{found.calls:,}", agents=found.agents))
    for sheet in sheets(found, side):
        if sheet.title:
            st.subheader(sheet.title)
        if sheet.name == "decisions":
            lines = [f"{row[0]}. {frame.plain(str(row[1]))}" for row in sheet.rows]
            st.info("\n".join(lines) or t("reports.no_decisions"))
        elif sheet.rows:
            _table(sheet)
        else:
            st.caption(t("reports.none"))
    with st.expander(t("reports.notes"), icon=":material/help:"):
        for text in notes(side):
            st.caption(frame.plain(text))


def _table(sheet: Sheet) -> None:
    names = [str(at) for at in range(len(sheet.columns))]
    st.dataframe(
        pd.DataFrame(sheet.rows, columns=names),
        hide_index=True,
        column_config={
            name: _config(column) for name, column in zip(names, sheet.columns, strict=True)
        },
    )


def _config(column: Column) -> ColumnConfig:
    if column.bar:
        return st.column_config.ProgressColumn(column.title, format="percent", max_value=1.0)
    if column.format is Format.TEXT:
        return st.column_config.TextColumn(column.title)
    return st.column_config.NumberColumn(column.title, format=_FORMATS[column.format])
