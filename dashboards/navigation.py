"""Which pages there are, in which group, for whom."""

from __future__ import annotations

import streamlit as st

from dashboards import frame
from dashboards.views import agents, call, calls, kpis, night

#: Navigation group → (url path, page, icon).
GROUPS = {
    "nav.review": [
        ("calls", calls.render, ":material/list:"),
        ("call", call.render, ":material/graphic_eq:"),
    ],
    "nav.coaching": [("agents", agents.render, ":material/person_search:")],
    "nav.management": [("kpis", kpis.render, ":material/monitoring:")],
    "nav.operations": [("night", night.render, ":material/bedtime:")],
}


def run(start: str = "calls") -> None:
    """Draw the navigation and the page that the link names; `start` is the home page."""
    frame.configure_page()
    t = frame.translator()
    pages = {
        t(group): [
            frame.add_page(name, render, title=t(f"nav.{name}"), icon=icon, default=name == start)
            for name, render, icon in entries
        ]
        for group, entries in GROUPS.items()
    }
    st.navigation(pages).run()
