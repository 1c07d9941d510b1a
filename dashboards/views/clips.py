"""The library of clips: moments done well, by criterion, shared with their agents' consent."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from dashboards import clips, data, frame, people_data
from dashboards.coaching_plans import criterion_name
from qa.access import Action, may
from qa.coaching.clips import Clip
from qa.store import Store

_SHOWN = 12


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("clips.title"))
    st.caption(t("clips.intro"))
    opened = data.require_store(t("app.no_store"))
    found = opened.clips.all()
    if not found:
        st.info(t("clips.empty"), icon=":material/info:")
        return
    known = list(dict.fromkeys(clip.criterion_id for clip in found))
    chosen = st.selectbox(
        t("clips.criterion"), ["", *known], width=420,
        format_func=lambda key: criterion_name(key, opened) if key else t("clips.all"),
    )  # fmt: skip
    shown = [clip for clip in found if chosen in ("", clip.criterion_id)]
    for criterion, group in groupby(shown[:_SHOWN], key=lambda clip: clip.criterion_id):
        st.subheader(frame.plain(criterion_name(criterion, opened)))
        for left, right in _pairs(list(group)):
            columns = st.columns(2)
            for column, clip in zip(columns, (left, right), strict=True):
                if clip is not None:
                    with column, st.container(border=True):
                        _entry(clip, opened, t)
    if len(shown) > _SHOWN:
        st.caption(t("clips.more", n=len(shown) - _SHOWN))


def _pairs(found: list[Clip]) -> list[tuple[Clip, Clip | None]]:
    return [
        (found[at], found[at + 1] if at + 1 < len(found) else None)
        for at in range(0, len(found), 2)
    ]


def _entry(clip: Clip, opened: Store, t: frame.Translate) -> None:
    clips.card(clip, t)
    # names are those of the roster in sight: of other teams' agents there is none
    name = people_data.names(opened).get(clip.agent_id, "")
    parts = [name, f"{clip.proposed_at:%Y-%m-%d}", clips.consent(clip, t)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(" · ".join(frame.plain(part) for part in parts if part))
        coach = may(frame.viewer(), Action.COACH)
        if coach and st.button(t("clips.remove"), key=f"gone-{clip.id}", type="tertiary"):
            frame.carry_out(lambda: data.writer().clips.remove(frame.viewer(), clip.id))
