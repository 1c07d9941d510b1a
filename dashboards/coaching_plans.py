"""A coaching plan on the screen: what was agreed, and what each look at it came to."""

from __future__ import annotations

import streamlit as st

from dashboards import frame, people_data
from qa.coaching.effect import Effect
from qa.coaching.follow_up import FollowUp
from qa.coaching.plans import Plan
from qa.store import Store


def criterion_name(criterion_id: str, opened: Store) -> str:
    """A criterion with its wording."""
    wording = people_data.criterion_names(opened).get(criterion_id)
    return (
        f"{criterion_id} {wording.in_language(frame.evidence_language())}"
        if wording
        else criterion_id
    )


def agreed(plan: Plan, t: frame.Translate) -> None:
    """Goal, note and meeting."""
    st.caption(
        t("coaching.aim", before=f"{plan.baseline:.0%}", n=plan.baseline_n,
          goal=f"{plan.goal:.0%}", day=plan.goal_on)
    )  # fmt: skip
    names = ("situation", "behaviour", "impact", "reality", "options", "will")
    words = [(t(f"coaching.{name}"), getattr(plan, name)) for name in names]
    lines = [f":gray[{title}] {frame.plain(text)}" for title, text in words if text]
    st.markdown("  \n".join(lines))


def looks(found: tuple[FollowUp, ...], t: frame.Translate) -> None:
    """After 2, 6 and 12 weeks: miss rate with interval, goal met or not."""
    for column, look in zip(st.columns(len(found)), found, strict=True):
        with column:
            st.markdown(f":gray[{t('coaching.look', weeks=look.weeks)}]")
            if look.rate is None:
                st.caption(t("coaching.on", day=look.due) if look.effect is None
                           else t("coaching.no_calls"))  # fmt: skip
                continue
            st.markdown(f"**{look.rate.value:.0%}** · {t(_verdict(look))}")
            st.caption(
                t("coaching.look_evidence", n=look.rate.n, low=f"{look.rate.low or 0:.0%}",
                  high=f"{look.rate.high or 0:.0%}")
            )  # fmt: skip


def _verdict(look: FollowUp) -> str:
    if look.reached is None:
        return "coaching.too_few"
    if look.sustained is not None:
        return "coaching.sustained" if look.sustained else "coaching.lapsed"
    return "coaching.reached" if look.reached else "coaching.not_reached"


def said(found: Effect, t: frame.Translate) -> str:
    """What may be said about a plan, in words."""
    gap = found.difference
    if gap is None or gap.low is None or gap.high is None:
        return t("coaching.too_early", before=found.n[0], after=found.n[1])
    bounds = {"low": f"{100 * gap.low:+.0f}", "high": f"{100 * gap.high:+.0f}"}
    return t(f"coaching.{found.help}", value=f"{100 * gap.value:+.0f}", **bounds)
