"""Sampling and assignment: plan, look, draw, give out; what became of it, and what it tells."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboards import data, frame, review_data
from dashboards.review_data import figure
from dashboards.scored_by import SCORED_BY_PX, scored_by
from dashboards.views import sampling_work
from dashboards.views.calls import open_call
from qa.errors import QaError
from qa.people.intervals import mean_interval
from qa.review.estimate import effective_n, hajek_mean
from qa.review.sampling import Draw, Pick, Plan, PlanKind
from qa.review.work import AssignmentState
from qa.store import CallFilter, Store
from qa.store.review_samples import Sample

_WEEKS = (0, 1, 2, 4, 13)


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("sampling.title"))
    opened = data.require_store(t("app.no_store"))
    st.caption(t("sampling.intro"))
    tabs = st.tabs([t(f"sampling.tab_{name}") for name in ("new", "samples", "work")])
    with tabs[0]:
        _new(opened, t)
    with tabs[1]:
        _samples(opened, t)
    with tabs[2]:
        sampling_work.draw_workload(opened, t)


def _new(opened: Store, t: frame.Translate) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        wanted = _filter(opened, t)
        plan = _plan(t)
        name = st.text_input(
            t("sampling.name"), value=f"{datetime.now(UTC):%G-W%V} · {t(f'plan.{plan.kind.value}')}"
        )
    with right:
        try:
            drawn = review_data.preview(plan, wanted, frame.viewer(), opened)
        except QaError as error:
            st.info(frame.plain(f"{error.message}. {error.remedy}"), icon=":material/info:")
            return
        _preview(drawn, opened, t)
        if st.button(t("sampling.draw"), type="primary", icon=":material/casino:"):
            _store_draw(name, plan, wanted, t)


def _store_draw(name: str, plan: Plan, wanted: CallFilter, t: frame.Translate) -> None:
    try:
        sample = data.writer().samples.draw(frame.viewer(), name, plan, wanted)
    except QaError as error:
        st.error(frame.plain(str(error)), icon=":material/error:")
        return
    st.session_state["sample"] = sample.id
    st.success(t("sampling.drawn", n=len(sample.picks)), icon=":material/check_circle:")


def _filter(opened: Store, t: frame.Translate) -> CallFilter:
    one, two = st.columns(2)
    weeks = one.selectbox(
        t("sampling.period"),
        _WEEKS,
        index=_usual_period(opened),
        format_func=lambda n: t(f"sampling.weeks_{n}"),
    )
    least = two.number_input(t("sampling.least_seconds"), 0, 3600, 30, step=10)
    teams = one.multiselect(
        t("sampling.teams"), data.choices("team", opened), placeholder=t("sampling.any")
    )
    queues = two.multiselect(
        t("sampling.queues"), data.choices("queue", opened), placeholder=t("sampling.any")
    )
    return CallFilter(
        since=review_data.since_weeks(weeks),
        teams=tuple(teams),
        queues=tuple(queues),
        min_duration_ms=1000 * int(least) or None,
    )


def _usual_period(opened: Store) -> int:
    """The shortest period that holds any call; all time where none does."""
    for at, weeks in enumerate(_WEEKS):
        if weeks and data.count(CallFilter(since=review_data.since_weeks(weeks)), opened):
            return at
    return 0


def _plan(t: frame.Translate) -> Plan:
    kind = st.segmented_control(
        t("sampling.kind"),
        list(PlanKind),
        format_func=lambda item: t(f"plan.{item.value}"),
        default=PlanKind.MIXED,
        key="plan_kind",
    )
    kind = kind or PlanKind.MIXED
    st.caption(t(f"plan.{kind.value}_help"))
    one, two = st.columns(2)
    base = Plan(kind=kind, seed="x")
    per_agent, size, weight, floor = base.per_agent, base.size, base.risk_weight, base.floor
    by, spread = base.by, base.spread
    if kind in (PlanKind.RANDOM, PlanKind.MIXED):
        per_agent = int(one.number_input(t("sampling.per_agent"), 1, 50, 2))
    if kind != PlanKind.RANDOM:
        size = int(two.number_input(t("sampling.size"), 1, 2000, 10))
    if kind in (PlanKind.TARGETED, PlanKind.MIXED):
        weight = st.slider(t("sampling.risk_weight"), 0.0, 1.0, 0.6, 0.1)
    if kind == PlanKind.STRATIFIED:
        by = tuple(
            st.multiselect(
                t("sampling.by"),
                ["queue", "tenure", "direction", "agent_id"],
                default=["queue", "direction"],
                format_func=lambda item: t(f"stratum.{item}"),
            )
        )
        floor = int(one.number_input(t("sampling.floor"), 0, 20, 1))
        spread = st.toggle(t("sampling.spread"), help=t("sampling.spread_help"))
    seed = st.text_input(
        t("sampling.seed"), value=f"{datetime.now(UTC):%G-W%V}", help=t("sampling.seed_help")
    )
    return Plan(
        kind=kind,
        seed=seed,
        per_agent=per_agent,
        size=size,
        by=by,
        floor=floor,
        spread=spread,
        risk_weight=weight,
    )


def _preview(drawn: Draw, opened: Store, t: frame.Translate) -> None:
    reasons = Counter(pick.reason for pick in drawn.picks)
    boxes = st.columns(3)
    boxes[0].metric(t("sampling.population"), drawn.population)
    boxes[1].metric(t("sampling.picked"), len(drawn.picks))
    share = len(drawn.picks) / drawn.population
    boxes[2].metric(t("sampling.share"), f"{share:.0%}")
    parts = [f"{t(f'pick_reason.{reason.value}')} {n}" for reason, n in reasons.most_common()]
    st.caption(" · ".join(parts))
    _picks(drawn.picks, opened, t, key="preview")
    with st.expander(t("sampling.by_group")):
        sizes = [
            {
                t("sampling.group"): name or "?",
                t("sampling.picked"): n,
                t("sampling.population"): of,
            }
            for name, (n, of) in drawn.sizes.items()
        ]
        st.dataframe(pd.DataFrame(sizes), hide_index=True)


def _picks(picks: tuple[Pick, ...], opened: Store, t: frame.Translate, *, key: str) -> None:
    wanted = CallFilter(call_ids=tuple(pick.call_id for pick in picks))
    columns = ["call_id", "agent_name", "agent_id", "quality_percent"]
    scores = data.scores(wanted, opened)
    table = scores[columns].assign(scored_by=scored_by(scores, t)).astype(object)
    found = {row.pop("call_id"): row for row in table.where(table.notna(), None).to_dict("records")}
    column = st.column_config
    rows = []
    for pick in picks:
        call = found.get(pick.call_id, {})
        rows.append(
            {
                "call": pick.call_id,
                "agent": call.get("agent_name") or call.get("agent_id") or "",
                "reason": t(f"pick_reason.{pick.reason.value}"),
                "score": call.get("quality_percent"),
                "scored_by": call.get("scored_by", ""),
                "chance": 100 * pick.inclusion,
            }
        )
    event = st.dataframe(
        pd.DataFrame(rows, columns=["call", "agent", "reason", "score", "scored_by", "chance"]),
        hide_index=True,
        placeholder="–",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height=min(420, 40 + 35 * max(1, len(rows))),
        column_config={
            "call": column.TextColumn(t("sampling.call"), width="medium"),
            "agent": column.TextColumn(t("sampling.agent")),
            "reason": column.TextColumn(t("sampling.reason")),
            "score": column.NumberColumn(t("calls.column_score"), format="%.1f"),
            "scored_by": column.TextColumn(t("calls.column_basis"), width=SCORED_BY_PX),
            "chance": column.NumberColumn(
                t("sampling.chance"), format="%.0f%%", help=t("sampling.chance_help")
            ),
        },
    )
    if chosen := event.selection.rows:
        open_call(picks[chosen[0]].call_id, [pick.call_id for pick in picks])


def _samples(opened: Store, t: frame.Translate) -> None:
    made = {sample.id: sample for sample in opened.samples.all()}
    if not made:
        st.info(t("sampling.no_samples"), icon=":material/info:")
        return
    start = (
        [*made].index(st.session_state["sample"]) if st.session_state.get("sample") in made else 0
    )
    chosen = st.selectbox(
        t("sampling.sample"),
        [*made],
        index=start,
        format_func=lambda key: f"{made[key].name}  ({made[key].made_at:%Y-%m-%d})",
    )
    sample = opened.samples.get(chosen)
    _facts(sample, opened, t)
    _estimate(sample, opened, t)
    _picks(sample.picks, opened, t, key=f"sample{chosen}")
    sampling_work.draw_assignment(sample, opened, t)


def _facts(sample: Sample, opened: Store, t: frame.Translate) -> None:
    done = opened.assignments.find(states=[AssignmentState.DONE], sample_id=sample.id)
    skips = opened.samples.skips(sample.id)
    boxes = st.columns(4)
    boxes[0].metric(t("sampling.population"), sample.population)
    boxes[1].metric(t("sampling.picked"), len(sample.picks))
    boxes[2].metric(t("sampling.reviewed"), len({item.call_id for item in done}))
    boxes[3].metric(t("sampling.skipped"), len(skips), help=t("sampling.skipped_help"))
    st.caption(
        t(
            "sampling.facts",
            kind=t(f"plan.{sample.plan.kind.value}"),
            seed=frame.plain(sample.plan.seed),
            who=frame.plain(review_data.name_of(sample.made_by, opened)),
        )
    )


def _estimate(sample: Sample, opened: Store, t: frame.Translate) -> None:
    found = opened.samples.observations(sample.id)
    if len(found) < 2:
        return
    weighted = hajek_mean(found)
    plain = mean_interval([item.value for item in found])
    with st.container(border=True):
        left, right = st.columns(2)
        left.metric(
            t("sampling.weighted"),
            "–" if weighted is None else f"{weighted.value:.1f}",
            delta=figure(weighted, percent=False, decimals=1).partition(" ")[2],
            delta_color="off",
            delta_arrow="off",
            help=t("sampling.weighted_help"),
        )
        right.metric(
            t("sampling.plain"),
            "–" if plain is None else f"{plain.value:.1f}",
            delta=figure(plain, percent=False, decimals=1).partition(" ")[2],
            delta_color="off",
            delta_arrow="off",
            help=t("sampling.plain_help"),
        )
        st.caption(t("sampling.worth", n=len(found), worth=f"{effective_n(found):.1f}"))
