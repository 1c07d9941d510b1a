"""Giving a sample to reviewers, and how far they are."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboards import data, frame, review_data
from qa.errors import QaError
from qa.review.assignment import Handout, Terms, hand_out
from qa.review.values import Purpose
from qa.review.work import AssignmentState
from qa.store import Store
from qa.store.review_people import waiting_of
from qa.store.review_samples import Sample

_CAPACITY = 20


def draw_assignment(sample: Sample, opened: Store, t: frame.Translate) -> None:
    """Choose reviewers, see who would get what, give out."""
    st.subheader(t("sampling.assign"))
    reviewers = review_data.reviewers(opened, _CAPACITY)
    names = {item.user_id: review_data.name_of(item.user_id, opened) for item in reviewers}
    one, two, three = st.columns([4, 2, 2], vertical_alignment="bottom")
    chosen = one.multiselect(
        t("sampling.reviewers"), [*names], default=[*names], format_func=names.__getitem__
    )
    days = two.number_input(t("sampling.days"), 1, 60, 3)
    capacity = three.number_input(t("sampling.capacity"), 1, 500, _CAPACITY)
    purposes = [Purpose.FIRST, Purpose.SECOND]
    purpose = st.segmented_control(
        t("sampling.purpose"),
        purposes,
        default=Purpose.FIRST,
        format_func=lambda item: t(f"purpose.{item.value}"),
    )
    terms = Terms(
        days=int(days), purpose=purpose or Purpose.FIRST, sample_id=sample.id, seed=sample.plan.seed
    )
    handed = _handout(sample, opened, set(chosen), int(capacity), terms)
    _show_handout(handed, names, t)
    if handed.assignments and st.button(
        t("sampling.give", n=len(handed.assignments)), type="primary", icon=":material/send:"
    ):
        try:
            added = data.writer().assignments.add(frame.viewer(), handed.assignments)
        except QaError as error:
            st.error(frame.plain(str(error)), icon=":material/error:")
            return
        st.toast(t("sampling.given", n=len(added)), icon=":material/check_circle:")
        st.rerun()


def _handout(
    sample: Sample, opened: Store, chosen: set[str], capacity: int, terms: Terms
) -> Handout:
    taken = {
        item.call_id
        for item in opened.assignments.find(
            states=[AssignmentState.OPEN, AssignmentState.DONE, AssignmentState.SKIPPED],
            sample_id=sample.id,
        )
        if item.purpose == terms.purpose
    }
    calls = [
        waiting_of(opened, pick.call_id, (pick.reason,))
        for pick in sample.picks
        if pick.call_id not in taken
    ]
    people = [who for who in review_data.reviewers(opened, capacity) if who.user_id in chosen]
    return hand_out(
        calls,
        people,
        now=datetime.now(UTC),
        terms=terms,
        load=opened.assignments.load(),
        leaders=review_data.leaders(opened),
    )


def _show_handout(handed: Handout, names: dict[str, str], t: frame.Translate) -> None:
    counts = Counter(item.reviewer for item in handed.assignments)
    if counts:
        st.write(" · ".join(f"{frame.plain(names[who])} **{n}**" for who, n in counts.items()))
    else:
        st.caption(t("sampling.nothing_left"))
    if handed.left:
        why = Counter(reason for ways in handed.left.values() for reason in ways.values())
        parts = "、".join(t(f"obstacle.{reason.value}") for reason in why)
        st.warning(t("sampling.left", n=len(handed.left), why=parts), icon=":material/block:")


def draw_workload(opened: Store, t: frame.Translate) -> None:
    """Open, overdue and done per reviewer; skips with their reasons."""
    counts = opened.assignments.counts()
    if not counts:
        st.info(t("sampling.no_work"), icon=":material/info:")
        return
    now = datetime.now(UTC)
    table = pd.DataFrame(counts, columns=["who", "state", "n"])
    wide = table.pivot_table(index="who", columns="state", values="n", fill_value=0)
    late = Counter(item.reviewer for item in opened.assignments.find() if item.is_overdue(now))
    rows = []
    for who in wide.index:
        states = {state: int(wide.loc[who].get(state.value, 0)) for state in AssignmentState}
        all_given = sum(states.values()) - states[AssignmentState.WITHDRAWN]
        rows.append(
            {
                "who": review_data.name_of(str(who), opened),
                "open": states[AssignmentState.OPEN],
                "late": late[str(who)],
                "done": states[AssignmentState.DONE],
                "skipped": states[AssignmentState.SKIPPED],
                "progress": 100 * states[AssignmentState.DONE] / all_given if all_given else 0,
            }
        )
    column = st.column_config
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "who": column.TextColumn(t("sampling.reviewer")),
            "open": column.NumberColumn(t("sampling.open")),
            "late": column.NumberColumn(t("sampling.late")),
            "done": column.NumberColumn(t("sampling.reviewed")),
            "skipped": column.NumberColumn(t("sampling.skipped"), help=t("sampling.skipped_help")),
            "progress": column.ProgressColumn(
                t("sampling.progress"), format="%.0f%%", min_value=0, max_value=100
            ),
        },
    )
    _skips(opened, t)


def _skips(opened: Store, t: frame.Translate) -> None:
    skips = opened.samples.skips()
    if not skips:
        return
    st.subheader(t("sampling.skips"))
    st.dataframe(
        pd.DataFrame(
            [
                {
                    t("sampling.call"): item.call_id,
                    t("sampling.reason"): t(f"skip_reason.{item.reason.value}"),
                    t("sampling.note"): item.note,
                    t("sampling.replaced"): item.replaced_by or "–",
                    t("sampling.reviewer"): review_data.name_of(item.made_by, opened),
                }
                for item in skips
            ]
        ),
        hide_index=True,
    )
