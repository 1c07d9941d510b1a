"""The part of the call page that a reviewer works in; redrawn alone, so that nothing flickers."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import partial
from typing import Any

import streamlit as st

from dashboards import data, frame, rule_names, sign_in
from dashboards.callview import CallView, chip, player_data
from dashboards.player import call_player, waiting_events
from dashboards.review_console import console_data, trust_data, viewer_console
from dashboards.review_console_actions import Desk, Done, fresh, perform
from dashboards.review_console_rescore import warm_up
from dashboards.review_data import counting
from qa.access import Action, may
from qa.analysis import Analysis
from qa.errors import NotFoundError
from qa.store import Store

_STATE = "review_console"


@st.fragment
def draw_workspace(call_id: str) -> None:
    """Player, transcript and scorecard of a call, with everything that a reviewer does there."""
    frame.set_viewer(sign_in.require_person())  # a session may end while a page is open
    t = frame.translator()
    opened = data.require_store(t("app.no_store"))
    key = f"player-{call_id}"
    memory = _memory(call_id)
    done = _act(call_id, waiting_events(key), memory, opened, t)
    if any(item.move for item in done) and _go(done[-1].move or done[0].move):
        st.rerun()
    if any(item.diff for item in done):
        st.rerun()  # figures around the player changed as well
    try:
        drawn = _player_data(call_id, memory, opened, t)
    except NotFoundError:
        st.error(t("console.gone"), icon=":material/error:")
        return
    if drawn is not None:
        call_player(drawn, key=key)


def _memory(call_id: str) -> dict[str, Any]:
    """What the session knows about its work on a call; that on other calls is forgotten."""
    known: dict[str, Any] = st.session_state.get(_STATE, {})
    if known.get("call") != call_id:
        known = {"call": call_id, "seen": {}, "notices": (), "diff": None}
        st.session_state[_STATE] = known
    return known


def _act(
    call_id: str, events: Any, memory: dict[str, Any], opened: Store, t: frame.Translate
) -> list[Done]:
    seen: MutableMapping[str, int] = memory["seen"]
    new = fresh(events, seen)
    if not new:
        return []
    try:
        opened.calls.get(call_id)  # gone, or out of the viewer's sight
    except NotFoundError:
        return []
    person = frame.viewer()
    desk = Desk(store=data.writer(), person=person, call_id=call_id, t=t)
    warm_up()
    done = [perform(event, desk) for event in new]
    memory["notices"] = tuple({"tone": d.tone, "text": d.text} for d in done if d.text)
    for item in done:
        if item.diff is not None or item.is_dismissed:
            memory["diff"] = item.diff
    return done


def _go(step: int) -> bool:
    """Turn to a neighbouring call; False at the end of the list."""
    neighbours = st.session_state.get("neighbours", [])
    here = st.query_params.get("id", "")
    at = neighbours.index(here) + step if here in neighbours else -1
    if not 0 <= at < len(neighbours):
        return False
    st.query_params["id"] = neighbours[at]
    st.query_params.pop("at", None)
    return True


def _player_data(
    call_id: str, memory: dict[str, Any], opened: Store, t: frame.Translate
) -> dict[str, Any] | None:
    call, recording, transcript, analysis, evaluation = data.call_parts(call_id, opened)
    if transcript is None:
        return None
    analysis = analysis or Analysis(call=call, transcript=transcript)
    sound = None
    if may(frame.viewer(), Action.PLAY_AUDIO):
        sound = data.playback(recording.uri, recording.id, data.hidden_sound(call_id, opened))
    if sound is None:
        st.warning(t("call.no_audio"), icon=":material/volume_off:")
    side = frame.evidence_language()
    console = viewer_console(
        opened,
        call,
        evaluation,
        notices=memory["notices"],
        diff=memory["diff"],
        acknowledged=memory["seen"],
        position=_position(call_id),
    )
    if evaluation is not None and not may(frame.viewer(), Action.REVIEW):
        # who decides sees the machine's word and people's; others see what counts
        evaluation = counting(evaluation, opened).evaluation
    name_rule = rule_names.namer(evaluation)
    view = CallView(
        analysis=analysis,
        evaluation=evaluation,
        lanes=data.lanes(transcript, sound.outline if sound else ()),
        audio_url=data.recording_url(sound, call_id) if sound else "",
        start_ms=_start_ms(),
        review=console_data(console, side, t, chip=partial(chip, name_rule=name_rule)),
        trust=trust_data(console, frame.evidence_language()),
        name_rule=name_rule,
    )
    return player_data(view, side, t)


def _position(call_id: str) -> tuple[int, int]:
    neighbours = st.session_state.get("neighbours", [])
    return (neighbours.index(call_id) + 1, len(neighbours)) if call_id in neighbours else (0, 0)


def _start_ms() -> int:
    asked = st.query_params.get("at", "0")
    return int(asked) if asked.isdigit() else 0
