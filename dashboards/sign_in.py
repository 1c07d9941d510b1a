"""Who is looking: the sign-in of a session, by the way that the site has chosen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from time import time
from typing import Any

import streamlit as st
from streamlit import config

from dashboards import attempts, data, frame, tickets
from dashboards.session_cookie import keep_session
from qa.access import Person, UserRole
from qa.accounts import Account, AccountError, SessionLimits, SignIn, require_good_password
from qa.audit import AuditAction
from qa.errors import NotFoundError, StoreError
from qa.settings import AccessSettings, load_settings
from qa.store import Store

_CHOSEN = "demo_person"
_TOKEN = "session_token"  # noqa: S105 - a key of the session's state
_TICKET = "session_ticket"
_NOTED = "sign_in_noted"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def require_person() -> Person:
    """The person of this session; without one, the sign-in page instead of everything else."""
    settings = load_settings().access
    ways: dict[str, Callable[[AccessSettings], Person]] = {
        "demo": _demo,
        "local": _local,
        "proxy": _proxy,
        "oidc": _oidc,
    }
    return ways[settings.sign_in](settings)


def draw_person(person: Person) -> None:
    """Who is signed in, at the foot of the sidebar, and the way out."""
    settings = load_settings().access
    if settings.sign_in == "demo":
        _draw_picker(person)
        return
    t = frame.translator()
    with st.sidebar:
        roles = frame.plain(frame.roles_of(person))
        st.caption(t("access.signed_in", name=frame.plain(person.name), roles=roles))
        if settings.sign_in == "local" and st.button(
            t("access.sign_out"), icon=":material/logout:", key="sign_out"
        ):
            _sign_out()
        if settings.sign_in == "oidc" and st.button(t("access.sign_out"), key="sign_out"):
            st.logout()
    if ticket := st.session_state.get(_TICKET):
        keep_session(ticket)


def limits_of(settings: AccessSettings) -> SessionLimits:
    """The settings as values."""
    return SessionLimits(
        life=timedelta(minutes=settings.session_minutes),
        idle=timedelta(minutes=settings.idle_minutes),
        max_failures=settings.max_failures,
        lock=timedelta(minutes=settings.lock_minutes),
    )


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
    if asked in people:
        st.session_state[_CHOSEN] = asked  # links between pages do not carry it
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


def _local(settings: AccessSettings) -> Person:
    opened = _writer_with_accounts()
    token = st.session_state.get(_TOKEN) or frame.cookie(tickets.COOKIE)
    account = opened.accounts.of_token(token, limits=limits_of(settings))
    if account is None:
        ended = st.session_state.pop(_TOKEN, None) is not None
        _sign_in_page(opened, settings, ended=ended)
        st.stop()
    if account.must_change:
        _change_page(opened, account, settings)
        st.stop()
    st.session_state[_TOKEN] = token
    return account.person


def _writer_with_accounts() -> Store:
    """The store; where there is no account at all, a page that says how to make the first."""
    with suppress(StoreError):
        opened = data.writer()
        if opened.accounts.all():
            return opened
    t = frame.translator()
    st.title(t("access.title"))
    st.info(t("access.no_account"), icon=":material/person_add:")
    st.code("qa users add NAME --role admin", language="sh")
    return st.stop()


def _sign_in_page(opened: Store, settings: AccessSettings, *, ended: bool) -> None:
    t = frame.translator()
    st.space("large")
    _, middle, _ = st.columns([2, 3, 2])
    with middle, st.form("sign_in", border=True):
        st.subheader(t("access.title"))
        if ended:
            st.info(t("access.ended"), icon=":material/schedule:")
        user_id = st.text_input(t("access.account"), autocomplete="username")
        password = st.text_input(
            t("access.password"), type="password", autocomplete="current-password"
        )
        if st.form_submit_button(t("access.sign_in"), type="primary", width="stretch"):
            _try(opened, settings, user_id, password)


def _try(opened: Store, settings: AccessSettings, user_id: str, password: str) -> None:
    t = frame.translator()
    address = str(st.context.ip_address or "loopback")
    if not attempts.allowed(address, per_minute=settings.attempts_per_minute):
        st.error(t("access.busy"), icon=":material/hourglass:")
        return
    limits = limits_of(settings)
    result, token = opened.accounts.sign_in(user_id, password, limits=limits, address=address)
    if result is SignIn.DONE:
        _begin(token)
    elif result is SignIn.LOCKED:
        st.error(t("access.locked", minutes=settings.lock_minutes), icon=":material/lock:")
    else:
        st.error(t("access.refused"), icon=":material/error:")


def _change_page(opened: Store, account: Account, settings: AccessSettings) -> None:
    t = frame.translator()
    st.space("large")
    _, middle, _ = st.columns([2, 3, 2])
    with middle, st.form("change_password", border=True):
        st.subheader(t("access.change_title"))
        st.caption(t("access.change_hint", minimum=settings.minimum_password))
        first = st.text_input(t("access.new"), type="password", autocomplete="new-password")
        again = st.text_input(t("access.again"), type="password", autocomplete="new-password")
        if not st.form_submit_button(t("access.change"), type="primary", width="stretch"):
            return
        if first != again:
            st.error(t("access.differ"), icon=":material/error:")
            return
        try:
            require_good_password(first, user_id=account.user_id, minimum=settings.minimum_password)
        except AccountError:
            st.error(t("access.weak", minimum=settings.minimum_password), icon=":material/error:")
            return
        opened.accounts.set_password(account.user_id, first)
        limits = limits_of(settings)
        _begin(opened.accounts.sign_in(account.user_id, first, limits=limits)[1])


def _begin(token: str) -> None:
    """Carry the session on: here in the tab, and by a cookie in others and after a reload."""
    st.session_state[_TOKEN] = token
    st.session_state[_TICKET] = tickets.issue(token)
    st.rerun()


def _sign_out() -> None:
    if token := st.session_state.get(_TOKEN):
        data.writer().accounts.sign_out(token)
    language = frame.interface_language()
    st.session_state.clear()
    st.session_state["language"] = language
    st.rerun()


def _proxy(settings: AccessSettings) -> Person:
    t = frame.translator()
    header = settings.proxy_header
    address = st.context.ip_address or "127.0.0.1"
    name = st.context.headers.get(header, "") if header else ""
    if not name or address not in settings.proxy_addresses:
        st.error(t("access.no_proxy"), icon=":material/lock:")
        st.stop()
    return _noted(_known(name), "proxy", address)


def _oidc(settings: AccessSettings) -> Person:
    t = frame.translator()
    user: Any = st.user
    ended = user.get("is_logged_in", False) and _is_over(user, settings)
    if ended or not user.get("is_logged_in", False):
        st.space("large")
        _, middle, _ = st.columns([2, 3, 2])
        with middle.container(border=True):
            st.subheader(t("access.title"))
            if ended:
                st.info(t("access.ended"), icon=":material/schedule:")
            st.button(t("access.sign_in"), type="primary", on_click=st.login, width="stretch")
        st.stop()
    values = user.get(settings.role_claim, ())
    claims = [values] if isinstance(values, str) else list(values or ())
    roles = frozenset(role for one in claims for role in settings.claim_roles.get(str(one), ()))
    name = str(user.get(settings.name_claim, ""))
    person = _known(name, claimed=roles, shown=str(user.get("name", "")))
    return _noted(person, "oidc", str(st.context.ip_address or "loopback"))


def _is_over(user: Any, settings: AccessSettings) -> bool:
    """Whether the provider's token was issued too long ago: Streamlit's cookie lives for weeks."""
    issued = user.get("iat", 0)
    return not isinstance(issued, (int, float)) or time() - issued > settings.session_minutes * 60


def _known(name: str, *, claimed: frozenset[UserRole] = frozenset(), shown: str = "") -> Person:
    """Somebody signed in elsewhere: with the roles they came with, else those of their account.

    An account adds teams and the agent id; one that was switched off shuts the person out.
    """
    try:
        account = data.writer().accounts.get(name) if name else None
    except NotFoundError:
        account = None
    if account is not None and account.is_active:
        return replace(account.person, roles=claimed or account.person.roles)
    if account is None and name and claimed:
        return Person(user_id=name, name=shown or name, roles=claimed)
    t = frame.translator()
    st.error(t("access.unknown", name=frame.plain(name)), icon=":material/lock:")
    return st.stop()


def _noted(person: Person, way: str, address: str) -> Person:
    """Write the sign-in down, once per session of the browser."""
    if st.session_state.get(_NOTED) != person.user_id:
        who, detail = person.user_id, {"way": way, "address": address}
        trail = data.writer().audit
        trail.record(who, AuditAction.SIGN_IN, kind="account", subject=who, detail=detail)
        st.session_state[_NOTED] = person.user_id
    return person
