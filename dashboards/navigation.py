"""Which pages there are, in which group, and the right that each one needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import streamlit as st

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
        start: Name of the home page; the first that the viewer may open when empty.
    """
    frame.configure_page()
    person = sign_in.require_person()
    frame.set_viewer(person)
    home = start or home_of(person)
    t = frame.translator()
    pages: dict[str, list[st.Page]] = {}
    for entry in PAGES:
        pages.setdefault(t(f"nav.{entry.group}"), []).append(
            frame.add_page(
                entry.name,
                guarded(entry),
                title=t(f"nav.{entry.name}"),
                icon=f":material/{entry.icon}:",
                default=entry.name == home,
                hidden=not may(person, entry.action),
            )
        )
    chosen = st.navigation(pages, expanded=True)
    sign_in.draw_person(person)
    chosen.run()


def home_of(person: Person) -> str:
    """The first page that a person may open; the call list for who may open none."""
    return next((entry.name for entry in PAGES if may(person, entry.action)), PAGES[0].name)


def guarded(entry: Entry) -> Callable[[], None]:
    """What draws the page, for who has its right; others read that it is not for them."""

    def render() -> None:
        frame.require(entry.action)
        import_module(f"dashboards.views.{entry.name}").render()

    return render
