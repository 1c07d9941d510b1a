"""How far to trust the machine: report card, autonomy ladder, error budget, review times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

import altair as alt
import pandas as pd
import streamlit as st

from dashboards import data, exports, frame, review_data
from dashboards.review_data import figure
from qa.access import Action, may
from qa.errors import QaError
from qa.evaluation import Bilingual
from qa.people.intervals import Estimate
from qa.review.agreement import WIDE_KAPPA, is_firm
from qa.review.autonomy import LADDER, Level, standing
from qa.review.error_budget import BudgetLine, budget, by_week
from qa.review.report_card import CardLine, to_csv
from qa.review.values import Cause
from qa.settings import load_settings
from qa.store import Store
from qa.store.review_card import evidence_now
from qa.store.review_figures import Period

_WEEKS = (0, 4, 13, 26)
#: What the design aims at: a five-minute call reviewed in two.
_AIM = 2 / 5


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("agreement.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("agreement.intro"))
    cards = opened.review_figures.scorecards()
    if not cards:
        st.info(t("agreement.none"), icon=":material/info:")
        return
    left, middle, right = st.columns([3, 2, 4], vertical_alignment="bottom")
    scorecard = left.selectbox(t("agreement.scorecard"), cards)
    weeks = middle.selectbox(
        t("agreement.period"), _WEEKS, format_func=lambda n: t(f"agreement.weeks_{n}")
    )
    chance = right.toggle(t("agreement.by_chance"), help=t("agreement.by_chance_help"))
    period = Period(scorecard_id=scorecard, since=review_data.since_weeks(weeks), by_chance=chance)
    names = ("card", "ladder", "budget", "times")
    tabs = st.tabs([t(f"agreement.tab_{name}") for name in names])
    lines = review_data.card(period, opened)
    with tabs[0]:
        _card(lines, t)
    with tabs[1]:
        _ladder(scorecard, lines, opened, t)
    with tabs[2]:
        _budget(scorecard, weeks, opened, t)
    with tabs[3]:
        _times(weeks, opened, t)


def _card(lines: list[CardLine], t: frame.Translate) -> None:
    if not lines:
        st.info(t("agreement.none_here"), icon=":material/info:")
        return
    _summary(lines, t)
    column = st.column_config
    text = {
        name: column.TextColumn(t(f"agreement.{name}"), help=t(f"agreement.{name}_help"))
        for name in ("raw", "precision", "recall", "kappa", "weighted", "pabak", "na", "humans")
    }
    event = st.dataframe(
        card_table(lines, t),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="card",
        height=min(640, 40 + 35 * len(lines)),
        column_config=text
        | {
            "criterion": column.TextColumn(t("agreement.criterion"), width="medium", pinned=True),
            "n": column.NumberColumn("n", help=t("agreement.n_help"), width="small"),
            "overrides": column.NumberColumn(t("agreement.overrides"), width="small"),
            "verdict": column.TextColumn(t("agreement.verdict")),
        },
    )
    side = frame.evidence_language()
    exports.offer(
        t("agreement.export"),
        lambda: to_csv(lines, language=side).encode(),
        "report-card.csv",
        kind="report_card",
    )
    rows = event.selection.rows
    if rows:
        _detail(lines[rows[0]], t)


def _summary(lines: list[CardLine], t: frame.Translate) -> None:
    enough = [line for line in lines if line.agreement.is_enough]
    boxes = st.columns(4)
    boxes[0].metric(t("agreement.judged"), sum(line.agreement.n for line in lines))
    boxes[1].metric(t("agreement.enough"), f"{len(enough)} / {len(lines)}")
    boxes[2].metric(t("agreement.overrides"), sum(line.overrides for line in lines))
    auto = sum(line.level == Level.AUTO for line in lines)
    boxes[3].metric(t("agreement.auto"), f"{auto} / {len(lines)}", help=t("agreement.auto_help"))


def card_table(lines: list[CardLine], t: frame.Translate) -> pd.DataFrame:
    """The report card as a table of texts: every figure with its interval, or why there is none."""
    side = frame.evidence_language()
    few = t("agreement.not_enough")
    rows = []
    for line in lines:
        found = line.agreement
        rows.append(
            {
                "criterion": f"{line.criterion_id} {line.name.in_language(side)}",
                "n": found.n,
                "verdict": few if not found.is_enough else t(f"level.{line.level.value}"),
                "raw": _share(found.raw, few),
                "precision": _share(found.precision, few),
                "recall": _share(found.recall, few),
                "kappa": _kappa(found.kappa, few),
                "weighted": _kappa(found.weighted_kappa, few),
                "pabak": _kappa(found.pabak, few),
                "na": f"{found.na_both} / {found.na_missed} / {found.na_wrong}",
                "humans": _share(line.humans, few),
                "overrides": line.overrides,
            }
        )
    return pd.DataFrame(rows)


def _share(estimate: Estimate | None, few: str) -> str:
    return figure(estimate) if estimate is None or is_firm(estimate) else few


def _kappa(estimate: Estimate | None, few: str) -> str:
    if estimate is None or is_firm(estimate, wide=WIDE_KAPPA):
        return figure(estimate, percent=False)
    return few


def _detail(line: CardLine, t: frame.Translate) -> None:
    side = frame.evidence_language()
    with st.container(border=True):
        st.markdown(f"**{line.criterion_id} {frame.plain(line.name.in_language(side))}**")
        causes = [f"{t(f'cause.{cause.value}')} {n}" for cause, n in line.causes.items()]
        st.write(t("agreement.causes"), "：" if side == "zh" else ": ", "、".join(causes) or "–")
        st.write(
            t(
                "agreement.disputes_line",
                decided=line.disputes_decided,
                overturned=line.disputes_overturned,
            )
        )
        st.caption(line.move.reason.in_language(side))


def _ladder(scorecard: str, lines: list[CardLine], opened: Store, t: frame.Translate) -> None:
    st.caption(t("agreement.ladder_intro"))
    side = frame.evidence_language()
    column = st.column_config
    rows = [
        {
            "criterion": f"{line.criterion_id} {line.name.in_language(side)}",
            "level": t(f"level.{line.level.value}"),
            "label": word.in_language(side) if (word := standing(line.level)) else "",
            "next": _arrow(line, t),
            "why": line.move.reason.in_language(side),
        }
        for line in lines
    ]
    st.dataframe(
        pd.DataFrame(rows, columns=["criterion", "level", "label", "next", "why"]),
        hide_index=True,
        height=min(560, 40 + 35 * max(1, len(rows))),
        column_config={
            "criterion": column.TextColumn(t("agreement.criterion"), width="medium"),
            "level": column.TextColumn(t("agreement.level")),
            "label": column.TextColumn(t("agreement.label")),
            "next": column.TextColumn(t("agreement.next")),
            "why": column.TextColumn(t("agreement.why"), width="large"),
        },
    )
    if lines and may(frame.viewer(), Action.ACTIVATE_SCORECARD):
        _change_level(scorecard, lines, t)
    _history(scorecard, opened, t)


def _arrow(line: CardLine, t: frame.Translate) -> str:
    if line.move.to == line.level:
        return "–"
    up = LADDER.index(line.move.to) > LADDER.index(line.level)
    return f"{'↑' if up else '↓'} {t(f'level.{line.move.to.value}')}"


def _change_level(scorecard: str, lines: list[CardLine], t: frame.Translate) -> None:
    side = frame.evidence_language()
    named = {line.criterion_id: line.name.in_language(side) for line in lines}
    with st.form("level", border=True):
        st.markdown(f"**{t('agreement.change_level')}**")
        left, middle, right = st.columns([3, 2, 4])
        chosen = left.selectbox(
            t("agreement.criterion"), [*named], format_func=lambda name: f"{name} {named[name]}"
        )
        level = middle.selectbox(
            t("agreement.level"), LADDER, index=1, format_func=lambda name: t(f"level.{name.value}")
        )
        reason = right.text_input(t("agreement.reason"))
        if not st.form_submit_button(t("agreement.set_level")):
            return
    try:
        store = data.writer()
        known = evidence_now(store, scorecard)
        store.autonomy.set(
            frame.viewer(), scorecard, chosen, level, evidence=known[chosen], reason=reason
        )
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return
    review_data.forget_card()
    st.rerun()


def _history(scorecard: str, opened: Store, t: frame.Translate) -> None:
    changes = opened.autonomy.history(scorecard)[:50]
    if not changes:
        return
    with st.expander(t("agreement.history")):
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        t("agreement.when"): change.made_at,
                        t("agreement.criterion"): change.criterion_id,
                        t("agreement.level"): t(f"level.{change.level.value}"),
                        t("agreement.reason"): change.reason,
                        t("agreement.by"): review_data.name_of(change.made_by, opened),
                    }
                    for change in changes
                ]
            ),
            hide_index=True,
        )


def _budget(scorecard: str, weeks: int, opened: Store, t: frame.Translate) -> None:
    st.caption(t("agreement.budget_intro"))
    since, until = _span(weeks)
    found = review_data.overrides(since, until, opened)
    if not found:
        st.info(t("agreement.no_overrides"), icon=":material/check_circle:")
        return
    lines = budget(found)
    _worst(lines, t)
    zone = load_settings().timezone
    points = [
        {"week": monday, "cause": t(f"cause.{cause.value}"), "points": cost, "n": n}
        for monday, causes in by_week(found, zone).items()
        for cause, (n, cost) in causes.items()
    ]
    st.altair_chart(_budget_chart(pd.DataFrame(points), t))
    _budget_table(lines, review_data.criterion_names(scorecard, opened), t)


def _worst(lines: Sequence[BudgetLine], t: frame.Translate) -> None:
    """The cause that costs most, with its cure, and the line that costs most."""
    worst = lines[0]
    whole: defaultdict[Cause, float] = defaultdict(float)
    for line in lines:
        whole[line.cause] += line.share
    cause, share = max(whole.items(), key=lambda pair: pair[1])
    st.markdown(
        t(
            "agreement.worst",
            cause=t(f"cause.{cause.value}"),
            share=f"{share:.0%}",
            cure=t(f"cure.{cause.value}"),
            line=f"{worst.criterion_id} · {t(f'cause.{worst.cause.value}')}",
            part=f"{worst.share:.0%}",
        )
    )


def _budget_table(
    lines: Sequence[BudgetLine], names: Mapping[str, Bilingual], t: frame.Translate
) -> None:
    side = frame.evidence_language()
    rows = [
        {
            "cause": t(f"cause.{line.cause.value}"),
            "criterion": " ".join(
                (line.criterion_id, names[line.criterion_id].in_language(side))
                if line.criterion_id in names
                else (line.criterion_id,)
            ),
            "version": line.version,
            "overrides": line.overrides,
            "points": line.points,
            "share": 100 * line.share,
            "cure": t(f"cure.{line.cause.value}"),
        }
        for line in lines
    ]
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "cause": column.TextColumn(t("agreement.cause")),
            "criterion": column.TextColumn(t("agreement.criterion"), width="medium"),
            "version": column.TextColumn(t("agreement.version")),
            "overrides": column.NumberColumn(t("agreement.overrides")),
            "points": column.NumberColumn(
                t("agreement.points"), format="%.1f", help=t("agreement.points_help")
            ),
            "share": column.ProgressColumn(
                t("agreement.share"), format="%.0f%%", min_value=0, max_value=100
            ),
            "cure": column.TextColumn(t("agreement.cure"), width="large"),
        },
    )


def _budget_chart(points: pd.DataFrame, t: frame.Translate) -> alt.Chart:
    weeks = points.assign(week=[f"{monday:%m-%d}" for monday in points["week"]])
    return (
        alt.Chart(weeks)
        .mark_bar(size=36)
        .encode(
            x=alt.X("week:O", title=t("agreement.week"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("points:Q", title=t("agreement.points")),
            color=alt.Color("cause:N", title=None, legend=alt.Legend(orient="right")),
            tooltip=["week:O", "cause:N", alt.Tooltip("points:Q", format=".1f"), "n:Q"],
        )
        .properties(height=220)
    )


def _times(weeks: int, opened: Store, t: frame.Translate) -> None:
    st.caption(t("agreement.times_intro"))
    since, until = _span(weeks)
    found = review_data.times(since, until, opened)
    if not found:
        st.info(t("agreement.none_here"), icon=":material/info:")
        return
    rows = []
    for line in found:
        audio = sum(line.audio_ms) / 1000
        rows.append(
            {
                "reviewer": review_data.name_of(line.reviewer, opened),
                "reviews": len(line.seconds),
                "median": median(line.seconds) / 60,
                "per_minute": sum(line.seconds) / audio if audio else None,
                "aim": "✓" if audio and sum(line.seconds) / audio <= _AIM else "",
            }
        )
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "reviewer": column.TextColumn(t("agreement.reviewer")),
            "reviews": column.NumberColumn(t("agreement.reviews")),
            "median": column.NumberColumn(t("agreement.median"), format="%.1f"),
            "per_minute": column.NumberColumn(t("agreement.per_minute"), format="%.2f"),
            "aim": column.TextColumn(t("agreement.aim")),
        },
    )


def _span(weeks: int) -> tuple[datetime, datetime]:
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    since = review_data.since_weeks(weeks)
    return since or datetime(2000, 1, 1, tzinfo=UTC), until
