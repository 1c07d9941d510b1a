"""The night for operators: is it in time, what ran, what failed and why, what would help."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboards import data, frame, operations_data
from qa.operations import Forecast, Status
from qa.store import Problem, Run
from qa.store.closing import Closing, closing_of

_NUMBERS = ("listed", "new", "transcribed", "evaluated", "failed", "skipped")
#: Longer than this, sound is told in hours.
_LONG_S = 3 * 3600
#: Problems with words of their own; the stored message stands beside them as the detail.
_CODES = frozenset(
    {
        *("audio", "model", "transient", "worker_died", "timeout", "store", "error", "source"),
        *("missing", "unlisted", "manifest", "duplicate", "unsafe_path", "file_name"),
        *("not_audio", "unreadable"),
    }
)
_STAGES = ("source", "ingest", "transcribe", "analyse", "score")


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("night.title"))
    opened = data.require_store(t("app.no_store"))
    status = operations_data.status(opened.url, opened)
    _alerts(status, t)
    if status.running:
        _running(status.running[0], status, t)
    _tonight(status, t)
    runs = opened.runs.latest(30)
    if not runs:
        st.info(t("night.none"))
        return
    if status.last:
        _latest(status.last, status, t)
    st.subheader(t("night.problems"))
    _problems(opened.problems.open(limit=500), status, t)
    st.subheader(t("night.runs"))
    _runs(runs, status, t)


def _alerts(status: Status, t: frame.Translate) -> None:
    """What needs somebody now, in one sentence each, with what to do."""
    found = status.forecast
    if found is not None and found.late:
        message = t(
            "night.alert_late",
            by=_moment(found.finish_by, status),
            left=found.left_over,
            workers=found.workers_needed,
        )
        st.error(message, icon=":material/schedule:")
    if status.missed:
        at = _moment(status.missed, status)
        st.warning(t("night.alert_missed", at=at), icon=":material/event_busy:")
    if status.paused:
        why = status.paused.get("why") or "–"
        message = t("night.alert_paused", by=status.paused.get("by", ""), why=frame.plain(why))
        st.warning(message, icon=":material/pause_circle:")
    if "lost" in status.alerts:
        st.warning(t("night.alert_lost"), icon=":material/power_off:")


def _running(run: Run, status: Status, t: frame.Translate) -> None:
    due, finished = int(run.progress.get("due", 0)), int(run.progress.get("finished", 0))
    eta = _moment(status.eta, status) if status.eta else t("night.unknown")
    text = t("night.under_way", finished=f"{finished:,}", due=f"{due:,}", eta=eta)
    st.progress(min(1.0, finished / due) if due else 0.0, text=text)


def _tonight(status: Status, t: frame.Translate) -> None:
    found = status.forecast
    boxes = st.columns(4)
    boxes[0].metric(t("night.next"), _moment(status.next_at, status))
    if found is None:
        boxes[1].metric(t("night.waiting"), "–")
        return
    boxes[1].metric(t("night.waiting"), f"{found.waiting:,}")
    boxes[2].metric(t("night.expected"), f"{found.expected:,}")
    boxes[3].metric(t("night.done_at"), _moment(found.finish_at, status))
    if found.waiting + found.expected:
        with st.expander(t("night.plan"), expanded=found.late, icon=":material/speed:"):
            _plan(found, status, t)


def _plan(found: Forecast, status: Status, t: frame.Translate) -> None:
    if status.speed is not None:
        facts = {
            "calls": f"{found.waiting + found.expected:,}",
            "hours": f"{found.audio_seconds / 3600:.1f}",
            "factor": f"{status.speed.factor:.2f}",
            "pieces": f"{status.speed.pieces:,}",
        }
        st.caption(t("night.plan_from", **facts))
    rows = [
        {
            t("night.workers"): each.workers,
            t("night.gpus"): each.gpus or "–",
            t("night.takes"): t("night.hours", value=f"{each.seconds / 3600:.1f}"),
            t("night.in_time"): t("night.fits") if each.fits else t("night.fits_not"),
        }
        for each in found.options
    ]
    table = pd.DataFrame(rows).astype(str)
    st.dataframe(table, hide_index=True, width="content")
    st.caption(t("night.gpu_assumed"))


def _latest(run: Run, status: Status, t: frame.Translate) -> None:
    state = t(f"run_state.{run.state}")
    st.subheader(f"{t('night.last')} · {_moment(run.started_at, status)} · {state}")
    boxes = st.columns(len(_NUMBERS) + 2)
    for box, name in zip(boxes, _NUMBERS, strict=False):
        box.metric(t(f"night.{name}"), f"{int(run.counts.get(name, 0)):,}")
    sound = run.counts.get("audio_seconds", 0.0)
    wall = run.counts.get("wall_seconds", 0.0)
    boxes[-2].metric(t("night.audio"), _length(sound, t))
    boxes[-1].metric(t("night.factor"), f"{wall / sound:.3f}" if sound else "–")
    _closing(closing_of(run.summary), t)


def _closing(found: Closing, t: frame.Translate) -> None:
    """What the night did for the review process, and the audit's head to be noted elsewhere."""
    if found.expired:
        st.caption(f":material/hourglass_disabled: {t('night.expired', n=found.expired)}")
    for change in found.demoted:
        scorecard, criterion, level = change.split(" ")
        told = t("night.demoted", level=t(f"level.{level}"), criterion=criterion)
        st.caption(f":material/trending_down: {told} ({frame.plain(scorecard)})")
    if found.audit_head:
        st.caption(t("night.audit_head", head=found.audit_head))


def _length(seconds: float, t: frame.Translate) -> str:
    if seconds < _LONG_S:
        return t("night.minutes", value=f"{seconds / 60:.1f}")
    return t("night.hours", value=f"{seconds / 3600:,.0f}")


def _problems(found: list[Problem], status: Status, t: frame.Translate) -> None:
    if not found:
        st.success(t("night.no_problems"), icon=":material/check_circle:")
        return
    files = sum(int(row["files"]) for row in status.reasons)
    st.caption(t("night.problem_kinds", files=f"{files:,}", kinds=len(status.reasons)))
    table = pd.DataFrame(
        {
            t("night.stage"): [_stage(problem.stage, t) for problem in found],
            t("night.file"): [problem.uri.rsplit("/", 1)[-1] for problem in found],
            t("night.what"): [_what(problem, t) for problem in found],
            t("night.detail"): [problem.message for problem in found],
            t("night.remedy"): [_remedy(problem, t) for problem in found],
            t("night.attempts"): [problem.attempts for problem in found],
            t("night.seen"): [_moment(problem.last_seen_at, status) for problem in found],
        }
    )
    st.dataframe(table, hide_index=True)


def _runs(runs: list[Run], status: Status, t: frame.Translate) -> None:
    rows: list[dict[str, Any]] = [
        {
            t("night.started"): _moment(run.started_at, status),
            t("night.kind"): t(f"run_kind.{run.kind}"),
            t("night.state"): t(f"run_state.{run.state}"),
            t("night.source"): run.source,
            **{t(f"night.{name}"): int(run.counts.get(name, 0)) for name in _NUMBERS},
            t("night.wall"): round(run.counts.get("wall_seconds", 0.0), 1),
        }
        for run in runs
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True)


def _stage(stage: str, t: frame.Translate) -> str:
    return t(f"run_stage.{stage}") if stage in _STAGES else stage


def _what(problem: Problem, t: frame.Translate) -> str:
    return t(f"run_problem.{problem.code}") if problem.code in _CODES else problem.message


def _remedy(problem: Problem, t: frame.Translate) -> str:
    return t(f"run_remedy.{problem.code}") if problem.code in _CODES else problem.remedy


def _moment(moment: datetime | None, status: Status) -> str:
    """In the site's time, as short as it can be told."""
    if moment is None:
        return "–"
    local = moment.astimezone(ZoneInfo(status.schedule.timezone))
    return f"{local:%m-%d %H:%M}"
