"""The night's run for operators: numbers, open problems with remedies, earlier runs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import data, frame
from qa.store import Problem, Run

_NUMBERS = ("listed", "new", "transcribed", "evaluated", "failed", "skipped")


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("night.title"))
    opened = data.require_store(t("app.no_store"))
    runs = opened.runs.latest(30)
    if not runs:
        st.info(t("night.none"))
        return
    _latest(runs[0], t)
    st.subheader(t("night.problems"))
    _problems(opened.problems.open(limit=500), t)
    st.subheader(t("night.runs"))
    _runs(runs, t)


def _latest(run: Run, t: frame.Translate) -> None:
    st.subheader(
        f"{t('night.last')} · {run.started_at:%Y-%m-%d %H:%M} · {t(f'run_state.{run.state}')}"
    )
    boxes = st.columns(len(_NUMBERS) + 2)
    for box, name in zip(boxes, _NUMBERS, strict=False):
        box.metric(t(f"night.{name}"), int(run.counts.get(name, 0)))
    sound = run.counts.get("audio_seconds", 0.0)
    wall = run.counts.get("wall_seconds", 0.0)
    boxes[-2].metric(t("night.audio"), t("night.minutes", value=f"{sound / 60:.1f}"))
    boxes[-1].metric(t("night.factor"), f"{wall / sound:.3f}" if sound else "–")


def _problems(found: list[Problem], t: frame.Translate) -> None:
    if not found:
        st.success(t("night.no_problems"), icon=":material/check_circle:")
        return
    table = pd.DataFrame(
        {
            t("night.stage"): [problem.stage for problem in found],
            t("night.file"): [problem.uri.rsplit("/", 1)[-1] for problem in found],
            t("night.what"): [problem.message for problem in found],
            t("night.remedy"): [problem.remedy for problem in found],
            t("night.attempts"): [problem.attempts for problem in found],
            t("night.seen"): [problem.last_seen_at for problem in found],
        }
    )
    st.dataframe(table, hide_index=True)


def _runs(runs: list[Run], t: frame.Translate) -> None:
    rows = [
        {
            t("night.started"): run.started_at,
            t("night.state"): t(f"run_state.{run.state}"),
            t("night.source"): run.source,
            **{t(f"night.{name}"): int(run.counts.get(name, 0)) for name in _NUMBERS},
            t("night.wall"): round(run.counts.get("wall_seconds", 0.0), 1),
        }
        for run in runs
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
