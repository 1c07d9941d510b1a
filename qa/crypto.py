"""Sealing raw text: AES-256-GCM, one key per record, wrapped by the site's key (envelope).

Changing the site's key wraps the record keys again and leaves the sealed bytes as they are. The
keys come from a file or the environment, never from the store.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qa.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: Base64 of 32 bytes; several, separated by commas: the first seals, all of them open.
KEY_VARIABLE = "QA_RAW_KEY"
KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2: 96 random bits; a record key seals one record only


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Sealed bytes and what opens them. An empty `key_id` means that `body` is plain.

    Attributes:
        key_id: Which site key wraps the record's key: 16 hex digits of its SHA-256.
        wrapped_key: Nonce and sealed record key.
        body: Nonce and sealed content.
    """

    key_id: str
    wrapped_key: bytes
    body: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """The site's keys: the first seals, all of them open. Never printed, never stored."""

    keys: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.keys)

    def __repr__(self) -> str:
        return f"Keyring({len(self.keys)} keys)"

    @property
    def current_id(self) -> str:
        """Id of the key that seals, `""` without one."""
        return key_id(self.keys[0]) if self.keys else ""

    def seal(self, content: bytes, *, bound_to: str) -> Sealed:
        """Seal content; it opens only with the same `bound_to` (the record it belongs to).

        Without a key the content stays plain.
        """
        if not self.keys:
            return Sealed(key_id="", wrapped_key=b"", body=content)
        record_key = os.urandom(KEY_BYTES)
        return Sealed(
            key_id=self.current_id,
            wrapped_key=_encrypt(self.keys[0], record_key, bound_to),
            body=_encrypt(record_key, content, bound_to),
        )

    def open(self, sealed: Sealed, *, bound_to: str) -> bytes:
        """The content.

        Raises:
            StoreError: The key is not here, or the bytes were changed or moved between records.
        """
        if not sealed.key_id:
            return sealed.body
        return _decrypt(self._record_key(sealed, bound_to), sealed.body, bound_to)

    def rewrap(self, sealed: Sealed, *, bound_to: str) -> Sealed:
        """The same content under the current key; plain content is sealed."""
        if not sealed.key_id:
            return self.seal(sealed.body, bound_to=bound_to)
        record_key = self._record_key(sealed, bound_to)
        wrapped = _encrypt(self.keys[0], record_key, bound_to)
        return Sealed(key_id=self.current_id, wrapped_key=wrapped, body=sealed.body)

    def _record_key(self, sealed: Sealed, bound_to: str) -> bytes:
        for key in self.keys:
            if key_id(key) == sealed.key_id:
                return _decrypt(key, sealed.wrapped_key, bound_to)
        raise StoreError(
            f"the key {sealed.key_id} that sealed this is not here",
            KEY_VARIABLE,
            "add it behind the current key (privacy.key_file or the variable)",
        )


def key_id(key: bytes) -> str:
    """Which key it is, without telling the key."""
    return hashlib.sha256(b"call-quality raw key" + key).hexdigest()[:16]


def new_key() -> str:
    """A fresh key as it is written into the file or variable."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def load_keyring(key_file: str = "") -> Keyring:
    """The keys of the environment (`QA_RAW_KEY`), then those of the file, one a line.

    Raises:
        SettingsError: The file cannot be read, or a key is not 32 bytes of Base64.
    """
    lines = os.environ.get(KEY_VARIABLE, "").split(",")
    if key_file:
        path = Path(key_file).expanduser()
        try:
            lines += path.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"the key file cannot be read ({type(error).__name__})",
                str(path),
                "write one with `qa privacy key FILE`, or correct privacy.key_file",
            ) from None
    return Keyring(tuple(_key(line.strip()) for line in lines if line.strip()))


def write_key(path: Path) -> str:
    """Put a fresh key before those of a file that only its owner can read; returns its id.

    Raises:
        SettingsError: The file cannot be written.
    """
    text = new_key()
    try:
        old = path.read_text(encoding="ascii") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.new")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{text}\n{old}")
        part.replace(path)
    except OSError as error:
        raise SettingsError(
            f"the key file cannot be written ({error.strerror})", str(path), "name another place"
        ) from error
    return key_id(_key(text))


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(
            f"a raw-text key is not {KEY_BYTES} bytes of Base64",
            KEY_VARIABLE,
            "make one with `qa privacy key FILE`",
        )
    return key


def _cipher(key: bytes) -> AESGCM:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise StoreError(
            "sealing raw text needs the package 'cryptography'",
            "privacy",
            "pip install 'call-quality[privacy]'",
        ) from error
    return AESGCM(key)


def _encrypt(key: bytes, content: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, content, bound_to.encode())


def _decrypt(key: bytes, sealed: bytes, bound_to: str) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415

    try:
        return _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise StoreError(
            "sealed text was changed, or belongs to another record",
            bound_to,
            "restore it from a backup; nothing of it is shown",
        ) from error
