"""The filters of a list of calls, and a person's own views; they outlive a look at a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards import data, frame, people_data
from qa.access import Action, may
from qa.insight.alerts import AlertKind
from qa.settings import load_settings
from qa.store import CallFilter, Store

#: Longer calls than this are not told apart.
LONGEST_MIN = 60
#: Field → value that does not restrict. What a saved view holds.
DEFAULTS: dict[str, Any] = {
    "text": "",
    **dict.fromkeys(("agents", "teams", "states", "queues", "languages", "missed", "alerts"), ()),
    "dates": (),
    "score": (0, 100),
    "minutes": (0, LONGEST_MIN),
}
_TOP = ("text", "agents", "teams", "states")
_STATES = ("scored", "needs_person", "not_scorable", "void")


def call_filters(page: str, opened: Store, t: frame.Translate) -> CallFilter:
    """Draw the filters of a page and return what they ask for."""
    left = st.session_state.get(f"{page}:left", {})
    for name, default in DEFAULTS.items():
        st.session_state.setdefault(f"{page}_{name}", left.get(name, default))
    top = st.columns([3, 2, 2, 2, 1.3], vertical_alignment="bottom")
    top[0].text_input(
        t("calls.search"), placeholder=t("calls.search_hint"), key=f"{page}_text",
        icon=":material/search:",
    )  # fmt: skip
    pick = partial(_pick, page=page, t=t)
    pick(top[1], "agents", data.choices("agent_id", opened), "agent")
    pick(top[2], "teams", data.choices("team", opened), "team")
    pick(top[3], "states", _STATES, "state", show=lambda state: t(f"state.{state}"))
    with top[4]:
        _views(page, t)
    values = _values(page)
    active = sum(values[name] != DEFAULTS[name] for name in DEFAULTS if name not in _TOP)
    label = t("calls.more") + (f" ({active})" if active else "")
    with st.expander(label, icon=":material/tune:", key=f"{page}_more"):
        _more(page, opened, pick, t)
    values = _values(page)
    st.session_state[f"{page}:left"] = values
    return filter_of(values, ZoneInfo(load_settings().timezone))


def filter_of(values: Mapping[str, Any], zone: ZoneInfo) -> CallFilter:
    """The filter that values of the fields ask for; days are those of the site's clock. Pure."""
    low, high = values["score"]
    shortest, longest = values["minutes"]
    since, until = _days(values["dates"], zone)
    names = ("agents", "teams", "states", "queues", "languages", "missed", "alerts")
    several: dict[str, Any] = {name: tuple(values[name]) for name in names}
    return CallFilter(
        text=values["text"].strip(),
        since=since,
        until=until,
        min_score=low or None,
        max_score=high if high < 100 else None,
        min_duration_ms=shortest * 60_000 or None,
        max_duration_ms=longest * 60_000 if longest < LONGEST_MIN else None,
        **several,
    )


def _days(chosen: Sequence[date], zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Half-open range of whole days; open-ended while only its first day is chosen."""
    if not chosen:
        return None, None
    since, end = (datetime.combine(day, time.min, tzinfo=zone) for day in (chosen[0], chosen[-1]))
    return since, (end + timedelta(days=1) if len(chosen) > 1 else None)


def _values(page: str) -> dict[str, Any]:
    """Values of the fields as plain tuples and texts, comparable with `DEFAULTS`."""
    found = {name: st.session_state[f"{page}_{name}"] for name in DEFAULTS}
    found["dates"] = found["dates"] if isinstance(found["dates"], (list, tuple)) else ()
    return {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}


def _pick(
    place: DeltaGenerator,
    name: str,
    options: Sequence[str],
    label: str,
    *,
    page: str,
    t: frame.Translate,
    show: Callable[[str], str] = str,
) -> None:
    key = f"{page}_{name}"
    st.session_state[key] = [value for value in st.session_state[key] if value in options]
    place.multiselect(
        t(f"calls.{label}"), options, format_func=show, placeholder=t("calls.any"), key=key
    )


def _more(page: str, opened: Store, pick: Callable[..., None], t: frame.Translate) -> None:
    first, second = st.columns(4), st.columns([2, 1, 1])
    pick(first[0], "queues", data.choices("queue", opened), "queue")
    spoken = {name: frame.label_name(name) for name in ("zh", "en")}
    pick(first[1], "languages", [*spoken], "language", show=spoken.__getitem__)
    if may(frame.viewer(), Action.READ_TOPICS):
        pick(
            first[2], "alerts", tuple(AlertKind), "alert", show=lambda kind: t(f"risks.kind_{kind}")
        )
    first[3].date_input(t("calls.dates"), format="YYYY-MM-DD", key=f"{page}_dates")
    side, names = frame.evidence_language(), people_data.criterion_names(opened)
    pick(
        second[0], "missed", [*names], "criterion",
        show=lambda key: f"{key} {names[key].in_language(side)}",
    )  # fmt: skip
    second[1].slider(t("calls.score_range"), 0, 100, step=5, key=f"{page}_score")
    second[2].slider(t("calls.minutes"), 0, LONGEST_MIN, step=1, key=f"{page}_minutes")


def _views(page: str, t: frame.Translate) -> None:
    """The person's own views: take one up, keep what is set now, forget one."""
    person, kept = frame.viewer(), data.writer().saved_views
    link: dict[str, Any] = {"type": "tertiary", "on_click": _take_up}
    with st.popover(t("calls.views"), icon=":material/bookmark:", width="stretch"):
        icon = ":material/filter_alt_off:"
        st.button(t("calls.view_all"), args=(page, {}), key=f"{page}_all", icon=icon, **link)
        for name, values in kept.of(person, page).items():
            row = st.container(horizontal=True, vertical_alignment="center")
            key, icon = f"{page}_view_{name}", ":material/bookmark:"
            row.button(frame.plain(name), args=(page, values), key=key, icon=icon, **link)
            icon, hint = ":material/delete:", t("calls.view_remove")
            if row.button("", key=f"{key}_remove", icon=icon, help=hint, type="tertiary"):
                kept.remove(person, page, name)
                st.rerun()
        with st.form(f"{page}_view", border=False, clear_on_submit=True):
            name = st.text_input(t("calls.view_name"), max_chars=60)
            if st.form_submit_button(t("calls.view_save"), icon=":material/bookmark_add:"):
                frame.attempt(lambda: kept.save(person, page, name, _plain(_values(page))))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    days = [day.isoformat() for day in values["dates"]]
    return {name: value for name, value in values.items() if value != DEFAULTS[name]} | (
        {"dates": days} if days else {}
    )


def _take_up(page: str, view: Mapping[str, Any]) -> None:
    for name, default in DEFAULTS.items():
        value = view.get(name, default)
        if name == "dates":
            value = tuple(date.fromisoformat(day) for day in value)
        st.session_state[f"{page}_{name}"] = tuple(value) if isinstance(value, list) else value
