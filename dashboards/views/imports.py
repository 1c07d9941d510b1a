"""Imports: upload a file about people, map its columns, see what is wrong, import, undo."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, frame
from qa.errors import QaError
from qa.people.importing import KINDS, Preview, read_import
from qa.people.importing.kinds import ImportKind
from qa.settings import load_settings
from qa.store import Store

_SHOWN = 200


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("imports.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("imports.intro"))
    side = frame.evidence_language()
    left, right = st.columns([2, 3])
    with left:
        kind = st.selectbox(
            t("imports.kind"), list(KINDS.values()), format_func=lambda k: k.name.in_language(side)
        )
        _columns(kind, t)
    with right:
        file = st.file_uploader(
            t("imports.file"), type=["csv", "txt", "tsv", "xlsx"], key=f"file-{kind.id}",
            help=t("imports.file_help"),
        )  # fmt: skip
    if file is not None:
        _check(kind, file.getvalue(), file.name, opened, t)
    _batches(opened, t)


def _columns(kind: ImportKind, t: frame.Translate) -> None:
    side = frame.evidence_language()
    words = [
        f"`{field.name}` {field.title.in_language(side)}" + (" *" if field.required else "")
        for field in kind.fields
    ]
    st.caption(t("imports.columns") + " " + " · ".join(words))


def _check(kind: ImportKind, content: bytes, name: str, opened: Store, t: frame.Translate) -> None:
    today = datetime.now(ZoneInfo(load_settings().timezone)).date()
    try:
        whole = data.writer()
        known = whole.imports.known(kind.id, today)
        found = read_import(kind.id, content, name, known)
        mapping = _map(found, t)
        if mapping != dict(found.mapping):
            found = read_import(kind.id, content, name, known, mapping=mapping)
        new, changed, same = whole.imports.compare(found)
    except QaError as error:
        frame.refuse(error)
        return
    boxes = st.columns(4)
    for box, key, count in zip(
        boxes, ("new", "changed", "unchanged", "refused"), (new, changed, same, found.refused),
        strict=True,
    ):  # fmt: skip
        box.metric(t(f"imports.{key}"), count)
    st.caption(t("imports.read_as", encoding=found.encoding, rows=len(found.rows)))
    _errors(found, t)
    _rows(found, t)
    if new or changed:
        label = t("imports.apply", n=new + changed)
        if st.button(label, type="primary", icon=":material/upload:"):
            _apply(found, t)
    else:
        st.info(t("imports.nothing_new"), icon=":material/check:")
    del opened


def _map(found: Preview, t: frame.Translate) -> dict[str, str]:
    """Field → column, as recognised or as chosen here."""
    side = frame.evidence_language()
    choices = ["", *(name for name in found.header if name)]
    missing = [f for f in found.kind.fields if f.required and f.name not in found.mapping]
    chosen: dict[str, str] = {}
    with st.expander(t("imports.mapping"), expanded=bool(missing), icon=":material/swap_horiz:"):
        boxes = st.columns(3)
        for at, field in enumerate(found.kind.fields):
            given = found.mapping.get(field.name, "")
            column = boxes[at % 3].selectbox(
                field.title.in_language(side) + (" *" if field.required else ""), choices,
                index=choices.index(given), key=f"map-{found.sha256[:8]}-{field.name}",
                format_func=lambda name: name or t("imports.no_column"),
            )  # fmt: skip
            if column:
                chosen[field.name] = column
        if found.unused:
            st.caption(t("imports.unused", names=frame.plain(", ".join(found.unused))))
    return chosen


def _errors(found: Preview, t: frame.Translate) -> None:
    if not found.errors:
        st.success(t("imports.clean"), icon=":material/check_circle:")
        return
    column = st.column_config
    st.subheader(t("imports.errors"))
    st.dataframe(
        pd.DataFrame(
            [
                {"line": e.line, "column": e.column, "what": t(f"imports.code_{e.code}"),
                 "message": e.message, "remedy": t(f"imports.remedy_{e.code}"),
                 "kept": t("imports.kept") if e.kept else t("imports.out")}
                for e in found.errors[:_SHOWN]
            ]
        ),
        hide_index=True,
        column_config={
            "line": column.NumberColumn(t("imports.line")),
            "column": column.TextColumn(t("imports.column")),
            "what": column.TextColumn(t("imports.what")),
            "message": column.TextColumn(t("imports.message")),
            "remedy": column.TextColumn(t("imports.remedy")),
            "kept": column.TextColumn(t("imports.row")),
        },
    )  # fmt: skip
    if len(found.errors) > _SHOWN:
        st.caption(t("imports.more", n=len(found.errors) - _SHOWN))


def _rows(found: Preview, t: frame.Translate) -> None:
    side = frame.evidence_language()
    titles = {field.name: field.title.in_language(side) for field in found.kind.fields}
    with st.expander(t("imports.preview", n=min(20, len(found.rows)))):
        table = pd.DataFrame(list(found.rows[:20]), columns=list(titles))
        st.dataframe(table.rename(columns=titles), hide_index=True)


def _apply(found: Preview, t: frame.Translate) -> None:
    whole, person = data.writer(), frame.viewer()
    try:
        batch = whole.imports.apply(person, found)
    except QaError as error:
        frame.refuse(error)
        return
    st.cache_data.clear()
    st.success(t("imports.done", n=batch.inserted + batch.changed, id=batch.id))
    st.caption(t("imports.later"))


def _batches(opened: Store, t: frame.Translate) -> None:
    st.subheader(t("imports.history"))
    person = frame.viewer()
    found = opened.imports.batches(person, limit=50)
    if not found:
        st.caption(t("imports.no_batches"))
        return
    side = frame.evidence_language()
    zone = ZoneInfo(load_settings().timezone)
    column = st.column_config
    st.dataframe(
        pd.DataFrame(
            [
                {"id": b.id, "kind": KINDS[b.kind].name.in_language(side), "file": b.file_name,
                 "inserted": b.inserted, "changed": b.changed, "refused": b.refused,
                 "by": b.made_by, "at": f"{b.made_at.astimezone(zone):%Y-%m-%d %H:%M}",
                 "state": t("imports.undone", by=b.undone_by) if b.undone_by else ""}
                for b in found
            ]
        ),
        hide_index=True,
        column_config={
            "id": column.NumberColumn("#"),
            "kind": column.TextColumn(t("imports.kind")),
            "file": column.TextColumn(t("imports.file")),
            "inserted": column.NumberColumn(t("imports.new")),
            "changed": column.NumberColumn(t("imports.changed")),
            "refused": column.NumberColumn(t("imports.refused")),
            "by": column.TextColumn(t("imports.by")),
            "at": column.TextColumn(t("imports.at")),
            "state": column.TextColumn(t("imports.state")),
        },
    )  # fmt: skip
    standing = [batch for batch in found if batch.undone_at is None]
    if not standing:
        return
    left, right, _ = st.columns([3, 2, 3], vertical_alignment="bottom")
    chosen = left.selectbox(
        t("imports.undo_which"), standing,
        format_func=lambda b: f"#{b.id} {KINDS[b.kind].name.in_language(side)} · {b.file_name}",
    )  # fmt: skip
    if right.button(t("imports.undo"), icon=":material/undo:"):
        undo = data.writer().imports.undo
        frame.carry_out(lambda: undo(person, chosen.id), stale=st.cache_data.clear)
