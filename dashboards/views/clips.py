"""The library of clips: moments done well, by criterion, shared with their agents' consent."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from dashboards import clips, data, frame, people_data
from qa.access import Action, may
from qa.coaching.clips import Clip
from qa.errors import QaError
from qa.evaluation import Bilingual
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
    names = people_data.criterion_names(opened)
    side = frame.evidence_language()
    known = list(dict.fromkeys(clip.criterion_id for clip in found))
    chosen = st.selectbox(
        t("clips.criterion"), ["", *known], width=420,
        format_func=lambda key: _title(key, names, side) if key else t("clips.all"),
    )  # fmt: skip
    shown = [clip for clip in found if chosen in ("", clip.criterion_id)]
    for criterion, group in groupby(shown[:_SHOWN], key=lambda clip: clip.criterion_id):
        st.subheader(_title(criterion, names, side))
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


def _title(criterion_id: str, names: dict[str, Bilingual], side: str) -> str:
    wording = names.get(criterion_id)
    return f"{criterion_id} {wording.in_language(side)}" if wording else criterion_id


def _entry(clip: Clip, opened: Store, t: frame.Translate) -> None:
    clips.card(clip, t)
    state = {None: "waiting", True: "shared", False: "withheld"}[clip.consented]
    # names are those of the roster in sight: of other teams' agents there is none
    name = people_data.names(opened).get(clip.agent_id, "")
    parts = [name, f"{clip.proposed_at:%Y-%m-%d}", t(f"clips.{state}")]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(" · ".join(frame.plain(part) for part in parts if part))
        coach = may(frame.viewer(), Action.COACH)
        if coach and st.button(t("clips.remove"), key=f"gone-{clip.id}", type="tertiary"):
            try:
                data.writer().clips.remove(frame.viewer(), clip.id)
            except QaError as error:
                st.error(f"{error.message} — {error.remedy}", icon=":material/error:")
                return
            st.rerun()
