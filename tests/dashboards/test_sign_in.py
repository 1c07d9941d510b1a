"""Who gets in, what each role may open, and whose sound may be heard."""

from __future__ import annotations

import inspect
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboards
from dashboards import attempts, navigation, sound, tickets
from dashboards.frame import plain
from dashboards.texts import translate
from qa.access import RIGHTS, Action, Person, UserRole, may
from qa.accounts import Account
from qa.store import connect

SCRIPT = "from dashboards import navigation; navigation.run({!r})"
GOOD = "four words not together"


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_data.clear()
    st.cache_resource.clear()


def open_page(name="", **query):
    app = AppTest.from_string(SCRIPT.format(name), default_timeout=90)
    app.query_params["lang"] = "en"
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def shown(app):
    parts = [*app.title, *app.subheader, *app.caption, *app.info, *app.warning, *app.error]
    return "\n".join(str(part.value) for part in parts)


@pytest.fixture
def local(monkeypatch, tmp_path):
    """A site with local accounts; gives its store."""
    monkeypatch.setenv("QA_SETTINGS", str(tmp_path / "none.toml"))
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("QA_STORE", url)
    with connect(url, upgrade=True) as store:
        yield store


def add(store, user_id, *roles, **fields):
    account = Account(user_id=user_id, name=user_id, roles=frozenset(roles), **fields)
    return store.accounts.add(account, by="test")


def sign_in(app, user_id, password):
    app.text_input[0].set_value(user_id)
    app.text_input[1].set_value(password)
    return app.button[0].click().run()


def test_every_role_opens_the_pages_of_its_actions_and_no_others():
    """Role × page × action: the page table names actions, the rights table gives them."""
    for role in UserRole:
        person = Person(user_id=role, roles=frozenset({role}), agent_id="A1")
        for entry in navigation.PAGES:
            assert may(person, entry.action) is (entry.action in RIGHTS[role])
        assert any(may(person, entry.action) for entry in navigation.PAGES), role
        assert may(
            person, next(e for e in navigation.PAGES if e.name == navigation.home_of(person)).action
        )
    assert not any(may(Person(user_id=""), action) for action in Action)


@pytest.mark.parametrize("role", [UserRole.AGENT, UserRole.ADMIN, UserRole.MONITOR])
def test_a_page_without_the_right_is_refused_by_its_address(role, monkeypatch, demo_url, tmp_path):
    monkeypatch.setenv("QA_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setenv("QA_ACCESS__SIGN_IN", "demo")
    monkeypatch.setenv("QA_STORE", demo_url)
    forbidden = [entry for entry in navigation.PAGES if entry.action not in RIGHTS[role]]
    for entry in forbidden[:3]:
        app = open_page(entry.name, **{"as": role})
        assert not app.exception
        assert translate("access.not_for_you", "en") in shown(app), entry.name


def test_an_agent_sees_own_calls_only(monkeypatch, demo_url, tmp_path):
    shutil.copy(demo_url.removeprefix("sqlite:///"), tmp_path / "store.db")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("QA_STORE", url)
    with connect(url) as store:
        owners = {row.call_id: row.agent_id for row in store.calls.find()}
        lead = Person(user_id="lead", roles=frozenset({UserRole.QA_LEAD}))
        scored = [row.call_id for row in store.calls.find() if row.state]
        store.disputes.release(lead, scored)
        owners = {call: owners[call] for call in scored}
    app = open_page("calls", **{"as": "A1023"})
    mine = {call for call, agent in owners.items() if agent == "A1023"}
    assert set(app.dataframe[0].value["call_id"]) == mine
    foreign = next(call for call in owners if call not in mine)
    app = open_page("call", id=foreign, **{"as": "A1023"})
    assert translate("call.not_found", "en", call_id="").split("{")[0][:10] in shown(app)


def test_a_demonstration_is_refused_off_loopback(monkeypatch, demo_url):
    from streamlit import config

    monkeypatch.setenv("QA_STORE", demo_url)
    config.set_option("server.address", "0.0.0.0")
    assert translate("access.demo_refused", "en") in shown(open_page())


def test_without_any_account_the_page_says_how_to_make_one(local):
    app = open_page()
    assert translate("access.no_account", "en") in shown(app)
    assert "qa users add NAME --role admin" in app.code[0].value


def test_the_first_sign_in_asks_for_a_new_password_then_opens_the_home_page(local):
    password = add(local, "boss", UserRole.ADMIN)
    app = sign_in(open_page(), "boss", password)
    assert translate("access.change_title", "en") in shown(app)
    app.text_input[0].set_value("boss")
    app.text_input[1].set_value("boss")
    assert "easy to guess" in shown(app.button[0].click().run())
    app.text_input[0].set_value(GOOD)
    app.text_input[1].set_value(GOOD)
    app.button[0].click().run()
    assert not app.exception
    assert app.session_state["viewer"].user_id == "boss"
    app.button(key="sign_out").click().run()
    assert [event.action for event in local.audit.find()][:2] == ["sign_out", "sign_in"]
    assert app.text_input[1].label == "Password"


@pytest.mark.parametrize("name", ["boss", "nobody", "<script>alert(1)</script>"])
def test_wrong_passwords_are_answered_alike_and_then_locked(local, name):
    add(local, "boss", UserRole.ADMIN)
    app = sign_in(open_page(), name, "wrong")
    assert translate("access.refused", "en") in shown(app)
    assert "script" not in shown(app)


def test_a_session_that_was_ended_elsewhere_asks_again(local):
    password = add(local, "boss", UserRole.ADMIN)
    app = sign_in(open_page(), "boss", password)
    local.accounts.reset("boss", by="other")
    assert translate("access.ended", "en") in shown(app.run())


def test_a_proxy_is_believed_only_when_told_so(local, monkeypatch):
    monkeypatch.setenv("QA_ACCESS__SIGN_IN", "proxy")
    assert translate("access.no_proxy", "en") in shown(open_page())


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """A store with accounts of people who sign in elsewhere; one of them was switched off."""
    with connect(
        f"sqlite:///{tmp_path_factory.mktemp('else') / 'store.db'}", upgrade=True
    ) as store:
        add(store, "boss", UserRole.ADMIN)
        add(store, "mei", UserRole.MONITOR)
        add(store, "known@x", UserRole.TEAM_LEADER, teams=frozenset({"telecom"}))
        add(store, "gone@x", UserRole.ADMIN)
        gone = store.accounts.get("gone@x")
        store.accounts.change(replace(gone, is_active=False), by="test")
        yield store


@pytest.fixture
def signed_in(elsewhere, monkeypatch, tmp_path):
    """Who has signed in since the test began, by the audit trail."""
    monkeypatch.setenv("QA_SETTINGS", str(tmp_path / "none.toml"))
    monkeypatch.setenv("QA_STORE", elsewhere.url)
    before = elsewhere.audit.count()
    return lambda: [
        event.user_id for event in [*elsewhere.audit.events()][before:] if event.action == "sign_in"
    ]


def carried(monkeypatch, headers=(), address=None):
    """A request with these headers from an address; loopback reads as None."""
    context = SimpleNamespace(headers=dict(headers), ip_address=address, cookies={})
    monkeypatch.setattr("streamlit.context", context)


@pytest.mark.parametrize(
    ("headers", "address", "answer"),
    [
        ({"X-User": "mei"}, None, ""),
        ({"X-User": "mei"}, "10.0.0.7", ""),
        ({"X-User": "mei"}, "10.0.0.8", "access.no_proxy"),
        ({"X-Other": "mei"}, None, "access.no_proxy"),
        ({"X-User": ""}, None, "access.no_proxy"),
        ({"X-User": "gone@x"}, None, "access.unknown"),
        ({"X-User": "<b>nobody</b>"}, None, "access.unknown"),
    ],
)
def test_a_trusted_proxy_names_people_with_an_account(
    signed_in, monkeypatch, headers, address, answer
):
    monkeypatch.setenv("QA_ACCESS__SIGN_IN", "proxy")
    monkeypatch.setenv("QA_ACCESS__PROXY_HEADER", "X-User")
    monkeypatch.setenv("QA_ACCESS__PROXY_ADDRESSES", '["127.0.0.1", "10.0.0.7"]')
    carried(monkeypatch, headers, address)
    app = open_page().run()
    assert not app.exception
    told = [translate(answer, "en", name=plain(headers.get("X-User", "")))] if answer else []
    assert [error.value for error in app.error] == told
    assert signed_in() == ([] if answer else ["mei"])


NOW = time.time()
CLAIMS = {"is_logged_in": True, "email": "mei@x", "name": "Mei", "iat": NOW, "groups": ["qa"]}


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({}, {UserRole.MONITOR}),
        ({"groups": "leads"}, {UserRole.QA_LEAD, UserRole.COACH}),
        ({"groups": ["qa", "leads", "golf"]}, {UserRole.MONITOR, UserRole.QA_LEAD, UserRole.COACH}),
        ({"groups": ["golf"]}, None),
        ({"groups": None}, None),
        ({"email": ""}, None),
        ({"email": "known@x", "groups": []}, {UserRole.TEAM_LEADER}),
        ({"email": "known@x"}, {UserRole.MONITOR}),
        ({"email": "gone@x"}, None),
        ({"is_logged_in": False}, None),
        ({"iat": NOW - 11 * 3600}, None),
        ({"iat": "never"}, None),
    ],
)
def test_claims_of_a_token_become_a_person(signed_in, monkeypatch, changes, roles):
    monkeypatch.setenv("QA_ACCESS__SIGN_IN", "oidc")
    monkeypatch.setenv(
        "QA_ACCESS__CLAIM_ROLES", '{"qa": ["monitor"], "leads": ["qa_lead", "coach"]}'
    )
    monkeypatch.setattr("streamlit.user", CLAIMS | changes)
    app = open_page()
    assert not app.exception
    if roles is None:
        assert signed_in() == []
        assert "viewer" not in app.session_state
    else:
        person = app.session_state["viewer"]
        assert (person.roles, person.user_id) == (roles, (CLAIMS | changes)["email"])
        assert bool(person.teams) is (person.user_id == "known@x")
        assert signed_in() == [person.user_id]


def test_attempts_of_one_address_are_bounded_by_the_minute():
    assert [attempts.allowed("a", per_minute=2, now=at) for at in (0, 1, 2, 61)] == [
        *(True, True, False, True)
    ]
    assert attempts.allowed("b", per_minute=2, now=2)


def test_a_ticket_is_good_once_and_for_a_minute():
    ticket = tickets.issue("token", now=0)
    assert [tickets.redeem(ticket, now=1), tickets.redeem(ticket, now=1)] == ["token", ""]
    assert tickets.redeem(tickets.issue("token", now=0), now=60) == ""
    assert tickets.redeem("made up") == ""


def address(**changes):
    given = {"call_id": "C", "user_id": "u", "browser": "b", "now": 1000} | changes
    return sound.offer(b"RIFF" + b"x" * 40, **given)


def get(path, browser="b", now=1001):
    *_, key, until, signature = path.split("/")
    return sound.fetch(key, until, signature, browser=browser, now=now)


def test_sound_is_given_to_its_browser_while_its_address_lives():
    path = address()
    offer, wav = get(path)
    assert (offer.call_id, offer.user_id, wav[:4]) == ("C", "u", b"RIFF")
    assert "C" not in path.split("/")
    assert address(now=1200) == path
    assert address(now=2700) != path
    assert address(browser="other") != path


@pytest.mark.parametrize(
    "attempt",
    [
        lambda path: get(path, browser="other"),
        lambda path: get(path, browser=""),
        lambda path: get(path, now=10_000),
        lambda path: get(path[:-1] + ("0" if path[-1] != "0" else "1")),
        lambda path: get(re.sub(r"/\d+/", "/9999999999/", path)),
        lambda path: get(path.replace("sound/", "sound/../x")),
        lambda path: get(address(browser="") + "", browser=""),
    ],
    ids=["browser", "no browser", "old", "signature", "life", "path", "empty"],
)
def test_addresses_that_are_not_given_open_nothing(attempt):
    assert attempt(address()) is None


def test_parts_of_a_sound():
    from dashboards.server import _range

    cases = {
        "": None,
        "bytes=0-": (0, 100),
        "bytes=10-19": (10, 20),
        "bytes=-5": (95, 100),
        "bytes=90-500": (90, 100),
        "bytes=100-": None,
        "bytes=5-2": None,
        "bytes=a-b": None,
        "bytes=0-1,5-6": None,
        "items=0-1": None,
        "bytes=" + "9" * 5000 + "-": None,
    }
    assert {header: _range(header, 100) for header in cases} == cases


def test_no_cached_read_forgets_who_is_looking():
    """A cached function that takes a store hashes it by viewer, or takes the person itself."""
    for path in Path(dashboards.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for options, signature in re.findall(
            r"@st\.cache_data\(([^\n]*)\)\ndef \w+\(([^)]*)\)", text
        ):
            if "Store" in signature:
                if path.name == "operations_data.py":  # the night is the same for all who see it
                    continue
                keyed = "BY_VIEWER" in options and "_store" not in signature
                assert keyed or "person: Person" in signature, (path.name, signature)


def test_commands_import_nothing_of_the_dashboard():
    from flows.commands import audit, users

    for module in (audit, users):
        assert "streamlit" not in inspect.getsource(module)
