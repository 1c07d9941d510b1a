"""The browser's part of a session: an invisible component that trades a ticket for the cookie."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_SCRIPT = """
export default function ({ data }) {
  const done = (window.__qaTickets ??= new Set());
  if (!data.ticket || done.has(data.ticket)) return;
  done.add(data.ticket);
  fetch("/access/session", {
    method: "POST",
    credentials: "same-origin",
    body: data.ticket,
  }).catch(() => {});
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component("qa_session_cookie", html="<span></span>", js=_SCRIPT)


def keep_session(ticket: str) -> None:
    """Let the browser fetch the cookie; a ticket that was used already changes nothing."""
    _component()(key="session_cookie", data={"ticket": ticket}, height=0)
