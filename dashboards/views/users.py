"""Accounts for administrators: who may sign in, as what, for which teams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from dashboards import data, frame
from qa import access
from qa.access import Action, UserRole
from qa.accounts import Account
from qa.errors import QaError
from qa.store import Store

_SHOWN = "users_password"


def render() -> None:
    """Draw the page."""
    t = frame.translator()
    st.title(t("users.title"))
    st.caption(t("users.intro"))
    data.require_store(t("app.no_store"))
    access.require(frame.viewer(), Action.MANAGE_USERS)
    opened = data.writer()
    _one_time_password(t)
    found = opened.accounts.all()
    chosen = _table(found, t) if found else None
    if chosen is not None:
        _edit(chosen, opened, t)
    with st.expander(t("users.add"), expanded=not found, icon=":material/person_add:"):
        _add(opened, t)


def _one_time_password(t: frame.Translate) -> None:
    """A new password is shown once, to be handed over."""
    if shown := st.session_state.pop(_SHOWN, None):
        user_id, password = shown
        st.success(t("users.password", name=frame.plain(user_id)), icon=":material/key:")
        st.code(password, language=None)


def _table(found: list[Account], t: frame.Translate) -> Account | None:
    now = data.writer().database.now()
    rows = [
        {
            "user_id": one.user_id,
            "name": one.name,
            "roles": " / ".join(t(f"user_role.{role}") for role in sorted(one.roles)),
            "teams": ", ".join(sorted(one.teams)),
            "agent_id": one.agent_id,
            "state": t(f"users.state_{_state(one, locked=one.is_locked(now))}"),
            "signed_in_at": one.signed_in_at,
        }
        for one in found
    ]
    column = st.column_config
    event = st.dataframe(
        pd.DataFrame(rows),
        column_config={
            "user_id": column.TextColumn(t("users.account")),
            "name": column.TextColumn(t("users.name")),
            "roles": column.TextColumn(t("users.roles")),
            "teams": column.TextColumn(t("users.teams")),
            "agent_id": column.TextColumn(t("users.agent_id"), width="small"),
            "state": column.TextColumn(t("users.state"), width="small"),
            "signed_in_at": column.DatetimeColumn(
                t("users.signed_in_at"), format="YYYY-MM-DD HH:mm"
            ),
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="user_rows",
    )
    picked = event.selection.rows
    if not picked:
        st.caption(t("users.pick"))
    return found[picked[0]] if picked and picked[0] < len(found) else None


def _state(account: Account, *, locked: bool) -> str:
    if not account.is_active:
        return "closed"
    if locked:
        return "locked"
    return "new" if account.must_change else "active"


def _edit(account: Account, opened: Store, t: frame.Translate) -> None:
    by = frame.viewer().user_id
    key = account.user_id
    with st.container(border=True):
        st.subheader(frame.plain(account.name or account.user_id))
        with st.form(f"edit-{key}", border=False):
            changed = _fields(account, t, key=key)
            active = st.toggle(t("users.active"), value=account.is_active, key=f"active-{key}")
            if st.form_submit_button(t("users.save"), type="primary"):
                _attempt(
                    lambda: opened.accounts.change(replace(changed, is_active=active), by=by), t
                )
        left, right, _ = st.columns([2, 2, 5])
        if left.button(t("users.reset"), icon=":material/key:", key=f"reset-{key}"):
            st.session_state[_SHOWN] = (key, opened.accounts.reset(key, by=by))
            st.rerun()
        if right.button(t("users.unlock"), icon=":material/lock_open:", key=f"unlock-{key}"):
            _attempt(lambda: opened.accounts.unlock(key, by=by), t)


def _fields(account: Account, t: frame.Translate, *, key: str) -> Account:
    first, second = st.columns(2)
    name = first.text_input(t("users.name"), account.name, max_chars=80, key=f"name-{key}")
    agent = second.text_input(
        t("users.agent_id"), account.agent_id, max_chars=80, key=f"agent-{key}"
    )
    labels = {role: t(f"user_role.{role}") for role in UserRole}
    roles = first.multiselect(
        t("users.roles"),
        [*UserRole],
        default=sorted(account.roles),
        format_func=labels.__getitem__,
        placeholder=t("users.choose"),
        key=f"roles-{key}",
    )
    known = {*data.writer().calls.choices("team"), *account.teams}
    teams = second.multiselect(
        t("users.teams"),
        sorted(known),
        default=sorted(account.teams),
        placeholder=t("users.choose"),
        help=t("users.teams_help"),
        accept_new_options=True,
        key=f"teams-{key}",
    )
    return replace(
        account, name=name, agent_id=agent.strip(), roles=frozenset(roles), teams=frozenset(teams)
    )


def _add(opened: Store, t: frame.Translate) -> None:
    with st.form("add-user", border=False, clear_on_submit=False):
        user_id = st.text_input(t("users.account"), max_chars=64, help=t("users.account_help"))
        blank = Account(user_id="", name="", roles=frozenset())
        account = _fields(blank, t, key="new")
        if not st.form_submit_button(t("users.add"), type="primary"):
            return
    try:
        password = opened.accounts.add(replace(account, user_id=user_id), by=frame.viewer().user_id)
    except QaError:
        st.error(t("users.refused"), icon=":material/error:")
        return
    st.session_state[_SHOWN] = (user_id.strip().lower(), password)
    st.rerun()


def _attempt(action: Callable[[], None], t: frame.Translate) -> None:
    try:
        action()
    except QaError:
        st.error(t("users.refused"), icon=":material/error:")
        return
    st.rerun()
