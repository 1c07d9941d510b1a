"""Which pages there are, in which group, and the right that each one needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards import frame, sign_in
from qa.access import Action, Person, may


@dataclass(frozen=True, slots=True)
class Entry:
    """A page: `dashboards.views.<name>.render`, under `/name`, titled `nav.<name>`.

    Attributes:
        group: Heading in the navigation, `nav.<group>`.
        name: Module, url path and title key.
        icon: Material icon.
        action: The right without which the page neither appears nor opens.
    """

    group: str
    name: str
    icon: str
    action: Action


#: The one table of pages. A new page is a line here, a module in `views`, a title in texts.
PAGES = (
    Entry("review", "calls", "list", Action.READ_CALLS),
    Entry("review", "call", "graphic_eq", Action.READ_CALLS),
    Entry("review", "worklist", "checklist", Action.REVIEW),
    Entry("review", "risks", "notifications", Action.READ_TOPICS),
    Entry("review", "commitments", "handshake", Action.HANDLE_RISKS),
    Entry("review", "sampling", "casino", Action.SAMPLE),
    Entry("review", "disputes", "gavel", Action.READ_CALLS),
    Entry("review", "calibration", "tune", Action.CALIBRATE),
    Entry("review", "agreement", "verified", Action.READ_AGREEMENT),
    Entry("coaching", "agents", "person_search", Action.READ_AGENT),
    Entry("coaching", "coaching", "school", Action.COACH),
    Entry("coaching", "clips", "video_library", Action.READ_AGENT),
    Entry("coaching", "own", "self_improvement", Action.ACKNOWLEDGE),
    Entry("management", "kpis", "monitoring", Action.READ_KPIS),
    Entry("management", "reports", "summarize", Action.READ_REPORTS),
    Entry("management", "appraisal", "balance", Action.APPRAISE),
    Entry("management", "imports", "upload_file", Action.IMPORT_PEOPLE),
    Entry("management", "scorecards", "rule", Action.READ_CALLS),
    Entry("operations", "night", "bedtime", Action.READ_NIGHT),
    Entry("administration", "users", "group", Action.MANAGE_USERS),
    Entry("administration", "privacy", "policy", Action.READ_AUDIT),
    Entry("administration", "audit", "verified_user", Action.READ_AUDIT),
)


def run(start: str = "") -> None:
    """Sign the viewer in, draw the navigation and the page that the link names.

    Args:
        start: Name of the page under `/`; when empty, `/` leads to the first that the viewer may
            open, and every page has an address of its own.
    """
    frame.configure_page()
    person = sign_in.require_person()
    frame.set_viewer(person)
    t = frame.translator()
    pages: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        pages.setdefault(t(f"nav.{entry.group}"), []).append(
            frame.add_page(
                entry.name,
                guarded(entry),
                title=t(f"nav.{entry.name}"),
                icon=f":material/{entry.icon}:",
                default=entry.name == start,
                hidden=not may(person, entry.action),
            )
        )
    if not start:
        pages[""] = [_front_door(person)]
    chosen = st.navigation(pages, expanded=True)
    sign_in.draw_person(person)
    chosen.run()


def home_of(person: Person) -> str:
    """The first page that a person may open; the call list for who may open none."""
    return next((entry.name for entry in PAGES if may(person, entry.action)), PAGES[0].name)


def _front_door(person: Person) -> StreamlitPage:
    """`/`, in no menu: leads on, with what the link says."""

    def lead_on() -> None:
        st.switch_page(frame.page(home_of(person)), query_params=st.query_params.to_dict())

    title = frame.translator()("app.title")
    return st.Page(lead_on, title=title, url_path="start", default=True, visibility="hidden")


def guarded(entry: Entry) -> Callable[[], None]:
    """What draws the page, for who has its right; others read that it is not for them."""

    def render() -> None:
        frame.require(entry.action)
        import_module(f"dashboards.views.{entry.name}").render()

    return render
