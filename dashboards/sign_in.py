"""Who is looking: the sign-in of a session, by the way that the site has chosen."""

from __future__ import annotations

import streamlit as st
from streamlit import config

from dashboards import frame
from qa.access import Person, UserRole
from qa.settings import AccessSettings, load_settings

_CHOSEN = "demo_person"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def require_person() -> Person:
    """The person of this session; without one, the sign-in page instead of everything else."""
    return _demo(load_settings().access)


def draw_person(person: Person) -> None:
    """Who is signed in, at the foot of the sidebar."""
    if load_settings().access.sign_in == "demo":
        _draw_picker(person)


def demo_people(settings: AccessSettings) -> tuple[Person, ...]:
    """Whom a demonstration offers: those of the settings, else one person per role."""
    if settings.demo_people:
        return tuple(Person(**dict(person)) for person in settings.demo_people)
    roles = (UserRole.QA_LEAD, *(role for role in UserRole if role is not UserRole.QA_LEAD))
    return tuple(Person(user_id=role, name=role, roles=frozenset({role})) for role in roles)


def _demo(settings: AccessSettings) -> Person:
    if config.get_option("server.address") not in _LOOPBACK:
        st.error(frame.translator()("access.demo_refused"), icon=":material/lock:")
        st.stop()
    people = {person.user_id: person for person in demo_people(settings)}
    asked = st.session_state.get(_CHOSEN) or st.query_params.get("as", "")
    return people.get(asked) or next(iter(people.values()))


def _draw_picker(person: Person) -> None:
    t = frame.translator()
    people = {person.user_id: person for person in demo_people(load_settings().access)}
    labels = {key: f"{frame.roles_of(one)} · {one.name}" for key, one in people.items()}
    with st.sidebar:
        chosen = st.selectbox(
            t("access.view_as"),
            [*people],
            index=[*people].index(person.user_id),
            format_func=labels.__getitem__,
            help=t("access.demo_note"),
            key="demo_choice",
        )
    if chosen != person.user_id:
        st.session_state[_CHOSEN] = chosen
        st.rerun()
