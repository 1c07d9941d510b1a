"""High- and low-efficiency behaviours of an agent, each with a call to hear; listening level."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import frame
from dashboards.views.calls import open_call
from qa.coaching.behaviours import Shown, listening_level, shown_behaviours
from qa.errors import QaError
from qa.evaluation import Bilingual
from qa.store import Store

_WIDTHS = [1.1, 3.4, 3.2, 2.3, 1.1, 1.1]


def in_order(key: str) -> tuple[int, ...]:
    """Sort key of section and criterion ids: S2 before S10."""
    return tuple(int(part) if part.isdecimal() else 0 for part in key.lstrip("S").split("."))


def draw(results: pd.DataFrame, opened: Store, t: frame.Translate) -> None:
    """The table, and the level of listening above it."""
    found = shown_behaviours(results)
    if not found:
        return
    st.subheader(t("agents.behaviours"))
    level = listening_level(results)
    if level is not None:
        st.markdown(
            f"**{t('agents.listening')}**: {t(f'listening.l{level.value}')} ({level.value} / 5) · "
            f":gray[{t('agents.listening_help')}]"
        )
    for column, name in zip(st.columns(_WIDTHS), ("stage", "high", "low", "shown"), strict=False):
        column.caption(t(f"agents.{name}"))
    for at, row in enumerate(found):
        _row(at, row, opened, t)


def _row(at: int, row: Shown, opened: Store, t: frame.Translate) -> None:
    columns = st.columns(_WIDTHS, vertical_alignment="center")
    side = frame.evidence_language()
    columns[0].markdown(f"**{frame.plain(row.behaviour.stage.in_language(side))}**")
    for column, text, met in (
        (columns[1], row.behaviour.high, row.good), (columns[2], row.behaviour.low, row.bad),
    ):  # fmt: skip
        column.markdown(_faded(text, side, shown=met is not None))
    rate = row.rate
    columns[3].markdown(
        f"**{rate.value:.0%}** :gray[{100 * (rate.low or 0):.0f}–{rate.high or 0:.0%} · n {rate.n}]"
    )
    for column, clip, kind in ((columns[4], row.good, "good"), (columns[5], row.bad, "bad")):
        if clip and column.button(
            t(f"agents.hear_{kind}"), key=f"behaviour-{at}-{kind}", icon=":material/play_arrow:",
            type="tertiary",
        ):  # fmt: skip
            open_call(clip[0], [clip[0]], start_ms=_start(*clip, opened))


def _faded(text: Bilingual, side: str, *, shown: bool) -> str:
    words = frame.plain(text.in_language(side))
    return words if shown else f":gray[{words}]"


def _start(call_id: str, criterion_id: str, opened: Store) -> int:
    """A second before what shows it; the start of the call where nothing does."""
    try:
        results = opened.evaluations.load(call_id).results
    except QaError:
        return 0
    clips = [e for r in results if r.criterion_id == criterion_id for e in r.verdict.evidence]
    return max(1, clips[0].start_ms - 1000) if clips else 0
