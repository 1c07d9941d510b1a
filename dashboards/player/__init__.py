"""The call player: one Streamlit component with waveform, transcript and scorecard."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st


@cache
def _component() -> Any:
    folder = files(__name__)
    html, css, js = (
        (folder / f"player.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")
    )
    return st.components.v2.component("call_quality_player", html=html, css=css, js=js)


def _ignore() -> None:
    """A trigger exists for Python only when a callback is named."""


def call_player(data: dict[str, Any], *, key: str) -> Any:
    """Show one call.

    Args:
        data: What `dashboards.callview.player_data` returns.
        key: Streamlit key, one per call.

    Returns:
        A result with `verdict` (`{"criterion", "action"}` or None) and `move` (`next`,
        `previous` or None), each set for one run after the person acted.
    """
    return _component()(key=key, data=data, on_verdict_change=_ignore, on_move_change=_ignore)
