"""Local accounts: passwords, what locks an account, and how long a session lives.

Passwords follow NIST SP 800-63B: length instead of character classes, no known-bad ones, no expiry
by calendar; hashes are Argon2id with the parameters of RFC 9106 (the library's defaults).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from qa.access import Person, UserRole
from qa.errors import QaError, SettingsError

_USER_ID = re.compile(r"[\w.@+-]{1,64}")
_LONGEST_PASSWORD = 256
_WEAK = ("password", "qwerty", "letmein", "welcome", "admin", "123456", "abcdef", "iloveyou")


class AccountError(QaError):
    """An account cannot be made or changed as asked."""

    code = "account"


class SignIn(StrEnum):
    """How an attempt to sign in ended."""

    DONE = "done"
    REFUSED = "refused"
    LOCKED = "locked"
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in, without the password.

    Attributes:
        must_change: The password was set by somebody else, and is good for changing it only.
        failures: Wrong passwords since the last right one.
    """

    user_id: str
    name: str
    roles: frozenset[UserRole]
    teams: frozenset[str] = frozenset()
    agent_id: str = ""
    is_active: bool = True
    must_change: bool = False
    failures: int = 0
    locked_until: datetime | None = None
    created_at: datetime | None = None
    signed_in_at: datetime | None = None

    @property
    def person(self) -> Person:
        """Who this is for the rights table."""
        return Person(
            user_id=self.user_id,
            name=self.name or self.user_id,
            roles=self.roles,
            teams=self.teams,
            agent_id=self.agent_id,
        )

    def is_locked(self, now: datetime) -> bool:
        """Whether no password helps for now."""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """When a session ends, and when wrong passwords lock an account."""

    life: timedelta = timedelta(minutes=600)
    idle: timedelta = timedelta(minutes=60)
    max_failures: int = 5
    lock: timedelta = timedelta(minutes=15)

    def is_over(self, *, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """Whether a session has lived, or lain idle, too long."""
        return now - created_at >= self.life or now - seen_at >= self.idle


def canonical(user_id: str) -> str:
    """The form in which an account name is stored and compared.

    Raises:
        AccountError: It is empty, too long, or holds other than letters, digits and `.@+-_`.
    """
    name = user_id.strip().lower()
    if not _USER_ID.fullmatch(name):
        raise AccountError(
            f"{user_id[:80]!r} cannot be an account name",
            "account",
            "use up to 64 letters, digits and . @ + - _",
        )
    return name


def require_good_password(password: str, *, user_id: str, minimum: int) -> None:
    """Refuse passwords that are guessed first.

    Raises:
        AccountError: Too short, too long, the account's name, a repetition, or a known-bad one.
    """
    lower = password.lower()
    reason = ""
    if len(password) < minimum:
        reason = f"a password needs {minimum} characters or more"
    elif len(password) > _LONGEST_PASSWORD:
        reason = f"a password has {_LONGEST_PASSWORD} characters at most"
    elif len(set(lower)) < minimum // 3 or user_id.lower() in lower:
        reason = "a password must not repeat a few characters, or hold the account's name"
    elif any(word in lower and len(lower) - len(word) < minimum // 2 for word in _WEAK):
        reason = "this password is guessed first"
    if reason:
        raise AccountError(reason, "password", "choose several words that do not belong together")


def make_password() -> str:
    """A one-time password that can be read out over the telephone (about 79 bits)."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    groups = ("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def hash_password(password: str) -> str:
    """Argon2id of a password, with salt and parameters."""
    return str(_hasher().hash(password))


def password_fits(password_hash: str, password: str) -> bool:
    """Whether this is the password; takes as long without any account as with one."""
    from argon2.exceptions import Argon2Error, InvalidHashError  # noqa: PLC0415

    known = password_hash or _nobody()
    try:
        _hasher().verify(known, password[: _LONGEST_PASSWORD + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return bool(password_hash)


def token_hash(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@cache
def _hasher() -> Any:
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415 - only for sites with local accounts
    except ModuleNotFoundError as error:
        raise SettingsError(
            "local accounts need argon2-cffi", "access", "pip install 'call-quality[dashboards]'"
        ) from error
    return PasswordHasher()


@cache
def _nobody() -> str:
    """The hash that an unknown name is checked against, so that it takes the same time."""
    return hash_password(secrets.token_hex())
