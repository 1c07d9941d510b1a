"""Accounts: who gets in, who is locked out, when a session ends, and what is written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from qa.access import UserRole
from qa.accounts import (
    Account,
    AccountError,
    SessionLimits,
    SignIn,
    canonical,
    make_password,
    require_good_password,
)
from qa.errors import NotFoundError

LIMITS = SessionLimits(max_failures=3)


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 2, 9, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(open_store, clock):
    return open_store(now=clock).accounts


def add(accounts, name="Li.Min", *roles, **fields):
    account = Account(
        user_id=name, name="李敏", roles=frozenset(roles or {UserRole.ADMIN}), **fields
    )
    return accounts.add(account, by="cli")


def sign_in(accounts, password, name="li.min"):
    return accounts.sign_in(name, password, limits=LIMITS)


def actions(accounts):
    return [event.action for event in reversed(accounts._audit.find())]


def test_the_first_password_must_be_changed_and_ends_other_sessions(accounts):
    first = add(accounts)
    ended, token = sign_in(accounts, first, "LI.MIN ")
    assert ended is SignIn.DONE
    assert accounts.of_token(token, limits=LIMITS).must_change
    accounts.set_password("li.min", "four words not together")
    assert accounts.of_token(token, limits=LIMITS) is None
    _, token = sign_in(accounts, "four words not together")
    account = accounts.of_token(token, limits=LIMITS)
    assert (account.must_change, account.person.user_id) == (False, "li.min")
    assert actions(accounts) == ["account_added", "sign_in", "password_changed", "sign_in"]


@pytest.mark.parametrize("name", ["li.min", "nobody", "", "x\0y", "'; DROP TABLE accounts; --"])
def test_wrong_names_and_passwords_are_answered_alike(accounts, name):
    add(accounts)
    assert sign_in(accounts, "wrong", name) == (SignIn.REFUSED, "")
    assert actions(accounts)[-1] == "sign_in_failed"


def test_wrong_passwords_lock_even_the_right_one_out_until_time_passes(accounts, clock):
    right = add(accounts)
    answers = [sign_in(accounts, "wrong")[0] for _ in range(3)]
    assert answers == [SignIn.REFUSED, SignIn.REFUSED, SignIn.LOCKED]
    assert sign_in(accounts, right)[0] is SignIn.LOCKED
    assert "account_locked" in actions(accounts)
    clock.pass_(minutes=15)
    assert sign_in(accounts, right)[0] is SignIn.DONE


def test_an_administrator_unlocks(accounts):
    right = add(accounts)
    for _ in range(3):
        sign_in(accounts, "wrong")
    accounts.unlock("li.min", by="boss")
    assert sign_in(accounts, right)[0] is SignIn.DONE


@pytest.mark.parametrize(
    ("minutes", "lives"), [((59,), True), ((61,), False), ((50, 50, 50), True), ((59,) * 11, False)]
)
def test_sessions_end_when_idle_and_when_old(accounts, clock, minutes, lives):
    _, token = sign_in(accounts, add(accounts))
    for step in minutes:
        clock.pass_(minutes=step)
        found = accounts.of_token(token, limits=LIMITS)
    assert (found is not None) is lives


def test_signing_out_ends_the_session_in_every_tab(accounts):
    _, token = sign_in(accounts, add(accounts))
    accounts.sign_out(token)
    assert accounts.of_token(token, limits=LIMITS) is None
    accounts.sign_out(token)
    assert actions(accounts).count("sign_out") == 1


@pytest.mark.parametrize("token", ["", "guess", "x" * 10_000, "\ud800"])
def test_made_up_tokens_open_nothing(accounts, token):
    add(accounts)
    assert accounts.of_token(token, limits=LIMITS) is None


def test_closing_an_account_ends_its_sessions_and_keeps_it_out(accounts):
    add(accounts, "boss")
    password = add(accounts, "li.min", UserRole.AGENT, agent_id="A1")
    _, token = sign_in(accounts, password)
    accounts.change(replace(accounts.get("li.min"), is_active=False), by="boss")
    assert accounts.of_token(token, limits=LIMITS) is None
    assert sign_in(accounts, password) == (SignIn.REFUSED, "")


def test_a_change_of_rights_counts_at_once(accounts):
    add(accounts, "boss")
    _, token = sign_in(accounts, add(accounts, "li.min", UserRole.AGENT))
    account = accounts.get("li.min")
    accounts.change(
        replace(account, roles=frozenset({UserRole.COACH}), teams=frozenset({"t"})), by="b"
    )
    person = accounts.of_token(token, limits=LIMITS).person
    assert (person.roles, person.teams) == ({UserRole.COACH}, {"t"})
    assert [one.user_id for one in accounts.with_role(UserRole.COACH)] == ["li.min"]


def test_one_administrator_stays(accounts):
    add(accounts)
    for change in ({"is_active": False}, {"roles": frozenset({UserRole.COACH})}):
        with pytest.raises(AccountError, match="nobody would be left"):
            accounts.change(replace(accounts.get("li.min"), **change), by="x")
    assert accounts.get("li.min").is_active


def test_names_are_taken_once_and_passwords_are_nowhere(accounts):
    password = add(accounts)
    with pytest.raises(AccountError, match="already"):
        add(accounts, "LI.MIN")
    with pytest.raises(NotFoundError):
        accounts.get("nobody")
    with accounts._database.reading() as connection:
        import sqlalchemy as sa

        rows = connection.execute(sa.text("SELECT * FROM accounts")).all()
    assert password not in str(rows) + str(accounts._audit.find())
    assert "$argon2id$" in str(rows)


@pytest.mark.parametrize("name", ["", " ", "a b", "a" * 65, "<b>", "a\nb", "a'b"])
def test_names_that_cannot_be_names(name):
    with pytest.raises(AccountError):
        canonical(name)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("short", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("li.min-is-me-2026", False),
        ("Password1234", False),
        ("x" * 300, False),
        ("correct horse battery", True),
        ("今天天气很好我们去爬山吧", True),
        pytest.param(make_password(), True, id="made"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password, good):
    if good:
        require_good_password(password, user_id="li.min", minimum=12)
        return
    with pytest.raises(AccountError):
        require_good_password(password, user_id="li.min", minimum=12)
