"""Customers as keyed hashes: the same person is recognised, nobody can be read back."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from qa.errors import SettingsError
from qa.runtime import data_home

_KEY_BYTES = 32
_PHONE = re.compile(r"(?:\+|00)?[\d\s().-]{5,}")


def customer_key(folder: Path | None = None) -> bytes:
    """The site's key, made on first use: `customer.key` in the data home, for its owner only.

    Raises:
        SettingsError: The file cannot be made or read, or is not a key.
    """
    path = (folder or data_home()) / "customer.key"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise SettingsError(
            f"the customer key cannot be kept ({error.strerror})", str(path), "check its rights"
        ) from error
    except ValueError as error:
        raise SettingsError(
            "this is not a customer key", str(path), "restore the file from a backup"
        ) from error
    if len(key) < _KEY_BYTES:
        raise SettingsError(
            "the customer key is cut short", str(path), "restore the file from a backup"
        )
    return key


def _make(path: Path) -> None:
    """Write a key that several processes may ask for at once: the first one's stays."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(_KEY_BYTES) + "\n")
    try:
        os.link(draft, path)  # fails where it exists: never replaces a key
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def customer_ref(customer: str, key: bytes) -> str:
    """Keyed hash (HMAC-SHA-256, 32 hex digits) of a customer's number or id; empty stays empty.

    Numbers are compared by their digits, without +86/0086 and separators: `+86 138 0013 8000`
    and `13800138000` are one person.
    """
    word = customer.strip().casefold()
    if not word or not key:
        return ""
    if _PHONE.fullmatch(word):
        digits = re.sub(r"\D", "", word)
        has_country = re.match(r"(?:\+|00)86", re.sub(r"[\s().-]", "", word))
        if has_country:
            digits = digits.removeprefix("00")
            digits = digits.removeprefix("86")
        word = digits
    return hmac.new(key, word.encode("utf-8"), hashlib.sha256).hexdigest()[:32]
