"""Audit events for administrators: filter, check the chain, export."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pandas as pd
import streamlit as st

from dashboards import data, exports, frame
from dashboards.texts import catalogue
from qa import access
from qa.access import Action
from qa.audit import AuditEvent, parse_head
from qa.errors import QaError
from qa.spreadsheets import safe_cell
from qa.store import Store
from qa.store.audit import AuditFilter

_PAGE = 200


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("audit.title"))
    st.caption(t("audit.intro"))
    opened = data.require_store(t("app.no_store"))
    access.require(frame.viewer(), Action.READ_AUDIT)
    _check(opened, t)
    wanted = _filters(opened, t)
    total = opened.audit.count(wanted)
    if not total:
        st.info(t("audit.none"), icon=":material/filter_alt_off:")
        return
    pages = -(-total // _PAGE)
    page = int(st.number_input(t("audit.page"), 1, pages, 1, width=140)) if pages > 1 else 1
    st.caption(t("audit.count", count=f"{total:,}"))
    _table(opened.audit.find(wanted, limit=_PAGE, offset=(page - 1) * _PAGE), t)
    _export(opened, wanted, t)


def _check(opened: Store, t: frame.Translate) -> None:
    with st.container(border=True):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        noted = left.text_input(t("audit.head"), placeholder="123:ab12…", help=t("audit.head_help"))
        if not right.button(t("audit.verify"), icon=":material/verified_user:", width="stretch"):
            return
        try:
            found = opened.audit.verify(parse_head(noted) if noted.strip() else None)
        except QaError:
            st.error(t("audit.bad_head"), icon=":material/error:")
            return
        if found:
            numbers = ", ".join(str(one.sequence) for one in found[:20])
            st.error(t("audit.broken", numbers=numbers), icon=":material/gpp_bad:")
        else:
            st.success(t("audit.holds"), icon=":material/verified_user:")
        st.code(str(opened.audit.head()), language=None)


def _filters(opened: Store, t: frame.Translate) -> AuditFilter:
    boxes = st.columns([2, 2, 2, 2])
    users = boxes[0].multiselect(t("audit.user"), opened.audit.users(), placeholder=t("audit.any"))
    labels = {name: _action(name, t) for name in opened.audit.actions()}
    actions = boxes[1].multiselect(
        t("audit.action"), [*labels], format_func=labels.__getitem__, placeholder=t("audit.any")
    )
    subject = boxes[2].text_input(t("audit.subject"))
    days = boxes[3].date_input(t("audit.days"), value=[], format="YYYY-MM-DD")
    chosen = list(days) if isinstance(days, (list, tuple)) else [days]
    since = datetime.combine(chosen[0], time.min, tzinfo=UTC) if chosen else None
    until = datetime.combine(chosen[-1], time.min, tzinfo=UTC) if len(chosen) > 1 else None
    return AuditFilter(
        user_ids=tuple(users),
        actions=tuple(actions),
        subject_id=subject.strip(),
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def _table(events: list[AuditEvent], t: frame.Translate) -> None:
    rows = [
        {
            "sequence": one.sequence,
            "at": one.at[:19].replace("T", " "),  # noqa: PD008 - a text, no frame
            "user_id": one.user_id,
            "action": _action(one.action, t),
            "subject": f"{one.subject_kind} {one.subject_id}".strip(),
            "reason": one.reason,
            "detail": "" if one.detail == "{}" else one.detail,
        }
        for one in events
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        column_config={
            "sequence": column.NumberColumn("#", width="small", format="%d"),
            "at": column.TextColumn(t("audit.at")),
            "user_id": column.TextColumn(t("audit.user")),
            "action": column.TextColumn(t("audit.action")),
            "subject": column.TextColumn(t("audit.subject")),
            "reason": column.TextColumn(t("audit.reason")),
            "detail": column.TextColumn(t("audit.detail"), width="large"),
        },
        hide_index=True,
        height=min(640, 38 + 35 * len(rows)),
    )


def _export(opened: Store, wanted: AuditFilter, t: frame.Translate) -> None:
    """The rows as CSV; taking them is an event itself, which says how many they were."""
    taken: dict[str, int] = {}

    def content() -> bytes:
        rows = opened.audit.frame(wanted).map(lambda cell: safe_cell(str(cell)))
        taken["events"] = len(rows)
        return rows.to_csv(index=False).encode("utf-8-sig")

    exports.offer(t("audit.export"), content, "audit.csv", kind="audit", detail=taken)


def _action(name: str, t: frame.Translate) -> str:
    key = f"audit_action.{name}"
    return t(key) if key in catalogue(frame.interface_language()) else name.replace("_", " ")
