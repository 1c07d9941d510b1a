"""The call player: one Streamlit component with waveform, transcript and scorecard."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st


@cache
def _component() -> Any:
    folder = files(__name__)
    html, css = (
        (folder / f"player.{kind}").read_text(encoding="utf-8") for kind in ("html", "css")
    )
    # one module: the review is built upon the player
    parts = ("player.js", "review_forms.js", "review.js")
    js = "\n".join((folder / name).read_text(encoding="utf-8") for name in parts)
    return st.components.v2.component("call_quality_player", html=html, css=css, js=js)


def _ignore() -> None:
    """A state exists for Python only when a callback is named."""


def call_player(data: dict[str, Any], *, key: str) -> Any:
    """Show one call.

    Args:
        data: What `dashboards.callview.player_data` returns.
        key: Streamlit key, one per call.

    Returns:
        A result with `queue`: what the person did and Python has not acknowledged yet, each a
        dict with `player`, `n` (counting up), `do` and more; see `review_console_actions`.
    """
    return _component()(key=key, data=data, on_queue_change=_ignore)


def waiting_events(key: str) -> Any:
    """The queue of a player as its last message left it, before it is drawn again."""
    state: Any = st.session_state.get(key)
    return state.get("queue", []) if state is not None and hasattr(state, "get") else []


@cache
def _list_component() -> Any:
    folder = files(__name__)
    css, js = ((folder / f"worklist.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    return st.components.v2.component(
        "call_quality_work_list", html='<div class="wl"></div>', css=css, js=js
    )


def work_list(data: dict[str, Any], *, key: str) -> Any:
    """Show a list to work through; the result's `open` is a call id after Enter or a click."""
    return _list_component()(key=key, data=data, on_open_change=_ignore)
