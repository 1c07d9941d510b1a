"""Entry script of the dashboard: shared state, language, navigation. Run it with `qa dashboard`."""

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

frame.configure_page()
t = frame.translator()
navigation = {
    t(group): [
        frame.add_page(name, render, title=t(f"nav.{name}"), icon=icon)
        for name, render, icon in pages
    ]
    for group, pages in GROUPS.items()
}
st.navigation(navigation).run()
