"""Accounts and sessions in the store. Every change of them is an audit event."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from qa.access import UserRole
from qa.accounts import (
    Account,
    AccountError,
    SessionLimits,
    SignIn,
    canonical,
    hash_password,
    make_password,
    password_fits,
    token_hash,
)
from qa.audit import AuditAction
from qa.errors import NotFoundError
from qa.store.audit import AuditTrail
from qa.store.database import Database
from qa.store.tables import accounts, sessions


class Accounts:
    """Who may sign in, and who is signed in."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    def add(self, account: Account, *, by: str, with_password: bool = True) -> str:
        """Make an account; returns its one-time password, or `""` for one that needs none.

        Raises:
            AccountError: The name is taken or cannot be a name, or there is no role.
        """
        user_id = canonical(account.user_id)
        if not account.roles:
            raise AccountError(f"{user_id} has no role", "account", "give one with --role")
        password = make_password() if with_password else ""
        row = {
            **_settable(account),
            "user_id": user_id,
            "password_hash": hash_password(password) if password else "",
            "is_active": True,
            "must_change": bool(password),
            "failures": 0,
            "created_at": self._database.now(),
        }
        with self._database.writing() as connection:
            insert = self._database.insert_ignoring(accounts).returning(accounts.c.user_id)
            if connection.execute(insert, row).first() is None:
                raise AccountError(
                    f"there is an account {user_id!r} already", "account", "change that one"
                )
            detail = {"roles": sorted(account.roles), "teams": sorted(account.teams)}
            self._note(by, AuditAction.ACCOUNT_ADDED, user_id, **detail)
        return password

    def get(self, user_id: str) -> Account:
        """The account of this name.

        Raises:
            NotFoundError: There is none.
        """
        query = sa.select(accounts).where(accounts.c.user_id == user_id.strip().lower())
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFoundError(f"no account {user_id[:80]!r}", "accounts", "list: `qa users list`")
        return _to_account(row)

    def all(self) -> list[Account]:
        """Every account, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(accounts).order_by(accounts.c.user_id)).mappings()
            return [_to_account(row) for row in rows]

    def with_role(self, *roles: UserRole) -> list[Account]:
        """Active accounts that hold one of these roles: whom work can be given to."""
        return [one for one in self.all() if one.is_active and one.roles & set(roles)]

    def change(self, account: Account, *, by: str) -> None:
        """Set name, roles, teams, agent id and whether it is active; ends its sessions if not.

        Raises:
            NotFoundError: There is no such account.
            AccountError: No role, or nobody would be left to manage accounts.
        """
        before = self.get(account.user_id)
        if not account.roles:
            raise AccountError(f"{account.user_id} has no role", "account", "give one")
        with self._database.writing() as connection:
            row = _settable(account) | {"is_active": account.is_active}
            mine = accounts.c.user_id == before.user_id
            connection.execute(sa.update(accounts).where(mine), row)
            if not self._has_admin():
                raise AccountError(
                    "nobody would be left to manage accounts", "account", "keep one administrator"
                )
            if not account.is_active:
                self._end(connection, before.user_id)
            was = {"was": _shown(before), "is": _shown(account)}
            self._note(by, AuditAction.ACCOUNT_CHANGED, before.user_id, **was)

    def reset(self, user_id: str, *, by: str) -> str:
        """A new one-time password; ends all sessions and any lock."""
        account = self.get(user_id)
        password = make_password()
        self._set_password(account.user_id, password, must_change=True)
        self._note(by, AuditAction.PASSWORD_RESET, account.user_id)
        return password

    def unlock(self, user_id: str, *, by: str) -> None:
        """Forget wrong passwords."""
        account = self.get(user_id)
        mine = accounts.c.user_id == account.user_id
        with self._database.writing() as connection:
            connection.execute(
                sa.update(accounts).where(mine), {"failures": 0, "locked_until": None}
            )
            self._note(by, AuditAction.ACCOUNT_UNLOCKED, account.user_id)

    def set_password(self, user_id: str, password: str) -> None:
        """The person's own new password; ends all other sessions. Check it before."""
        account = self.get(user_id)
        self._set_password(account.user_id, password, must_change=False)
        self._note(account.user_id, AuditAction.PASSWORD_CHANGED, account.user_id)

    def sign_in(
        self, user_id: str, password: str, *, limits: SessionLimits, address: str = ""
    ) -> tuple[SignIn, str]:
        """Check a password; returns how it ended and, when done, the session's token.

        Unknown names, wrong passwords and inactive accounts are answered alike.
        """
        row = self._row(user_id)
        fits = password_fits(row["password_hash"] if row else "", password)
        now, where = self._database.now(), {"address": address}
        if row is None or not row["is_active"]:
            self._note(user_id, AuditAction.SIGN_IN_FAILED, user_id, **where)
            return SignIn.REFUSED, ""
        account = _to_account(row)
        if account.is_locked(now):
            self._note(
                account.user_id, AuditAction.SIGN_IN_FAILED, account.user_id, **where, locked=True
            )
            return SignIn.LOCKED, ""
        if not fits:
            return self._failed(account, limits, where), ""
        values = {"failures": 0, "locked_until": None, "signed_in_at": now}
        with self._database.writing() as connection:
            mine = accounts.c.user_id == account.user_id
            connection.execute(sa.update(accounts).where(mine), values)
            token = self._open(connection, account.user_id)
            self._note(account.user_id, AuditAction.SIGN_IN, account.user_id, **where)
        return SignIn.DONE, token

    def of_token(self, token: str, *, limits: SessionLimits) -> Account | None:
        """Whose session this is; None when it ended, expired, or never was. Keeps it awake."""
        if not token:
            return None
        key, now = token_hash(token), self._database.now()
        both = sa.select(sessions.c.created_at.label("opened"), sessions.c.seen_at, accounts).join(
            accounts, accounts.c.user_id == sessions.c.user_id
        )
        with self._database.reading() as connection:
            row = connection.execute(both.where(sessions.c.token_hash == key)).mappings().first()
        if row is None or not row["is_active"]:
            return None
        if limits.is_over(created_at=row["opened"], seen_at=row["seen_at"], now=now):
            self.sign_out(token, noted=False)
            return None
        if (now - row["seen_at"]).total_seconds() >= 60:  # not a write for every click
            with self._database.writing() as connection:
                mine = sessions.c.token_hash == key
                connection.execute(sa.update(sessions).where(mine), {"seen_at": now})
        return _to_account(row)

    def sign_out(self, token: str, *, noted: bool = True) -> None:
        """End one session, in every tab that shares it."""
        mine = sessions.c.token_hash == token_hash(token)
        with self._database.writing() as connection:
            ended = sa.delete(sessions).where(mine).returning(sessions.c.user_id)
            user_id = connection.scalar(ended)
            if user_id is not None and noted:
                self._note(user_id, AuditAction.SIGN_OUT, user_id)

    def _failed(self, account: Account, limits: SessionLimits, where: dict[str, Any]) -> SignIn:
        mine = accounts.c.user_id == account.user_id
        counted = sa.update(accounts).where(mine).values(failures=accounts.c.failures + 1)
        with self._database.writing() as connection:
            failures = connection.scalar(counted.returning(accounts.c.failures)) or 0
            self._note(account.user_id, AuditAction.SIGN_IN_FAILED, account.user_id, **where)
            if failures < limits.max_failures:
                return SignIn.REFUSED
            lock = {"failures": 0, "locked_until": self._database.now() + limits.lock}
            connection.execute(sa.update(accounts).where(mine), lock)
            self._note(account.user_id, AuditAction.ACCOUNT_LOCKED, account.user_id, **where)
        return SignIn.LOCKED

    def _set_password(self, user_id: str, password: str, *, must_change: bool) -> None:
        row = {
            "password_hash": hash_password(password),
            "must_change": must_change,
            "failures": 0,
            "locked_until": None,
        }
        with self._database.writing() as connection:
            connection.execute(sa.update(accounts).where(accounts.c.user_id == user_id), row)
            self._end(connection, user_id)

    def _row(self, user_id: str) -> Any:
        query = sa.select(accounts).where(accounts.c.user_id == user_id.strip().lower()[:200])
        if "\0" in user_id or not user_id.isprintable():
            return None
        with self._database.reading() as connection:
            return connection.execute(query).mappings().first()

    def _open(self, connection: sa.Connection, user_id: str) -> str:
        token, now = secrets.token_urlsafe(32), self._database.now()
        row = {
            "token_hash": token_hash(token),
            "user_id": user_id,
            "created_at": now,
            "seen_at": now,
        }
        connection.execute(sa.insert(sessions), row)
        return token

    @staticmethod
    def _end(connection: sa.Connection, user_id: str) -> None:
        connection.execute(sa.delete(sessions).where(sessions.c.user_id == user_id))

    def _has_admin(self) -> bool:
        return any(UserRole.ADMIN in one.roles and one.is_active for one in self.all())

    def _note(self, by: str, action: AuditAction, user_id: str, **detail: Any) -> None:
        self._audit.record(by, action, kind="account", subject=user_id, detail=detail)


def _settable(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "roles": json.dumps(sorted(account.roles)),
        "teams": json.dumps(sorted(account.teams), ensure_ascii=False),
        "agent_id": account.agent_id,
    }


def _shown(account: Account) -> dict[str, Any]:
    return _settable(account) | {"is_active": account.is_active}


def _to_account(row: Any) -> Account:
    names: Iterable[str] = (name for name in Account.__slots__)
    values = {name: row[name] for name in names}
    values["roles"] = frozenset(UserRole(role) for role in json.loads(row["roles"]))
    values["teams"] = frozenset(json.loads(row["teams"]))
    return Account(**values)
