"""Sealing: opens with its key and its record only; a new key wraps again without opening bodies."""

from __future__ import annotations

import stat

import pytest

from qa.crypto import Keyring, Sealed, key_id, load_keyring, new_key, write_key
from qa.errors import SettingsError, StoreError

OLD, NEW = b"o" * 32, b"n" * 32
SECRET = "我的密码是八六三二一".encode()


def test_sealed_content_opens_again_and_shows_nothing():
    sealed = Keyring((OLD,)).seal(SECRET, bound_to="call-a")
    assert SECRET not in sealed.body
    assert Keyring((OLD,)).open(sealed, bound_to="call-a") == SECRET


def test_the_same_content_is_never_sealed_into_the_same_bytes():
    ring = Keyring((OLD,))
    assert ring.seal(SECRET, bound_to="x").body != ring.seal(SECRET, bound_to="x").body


@pytest.mark.parametrize("place", ["body", "wrapped_key"])
def test_any_changed_byte_is_found(place):
    ring = Keyring((OLD,))
    sealed = ring.seal(SECRET, bound_to="call-a")
    parts = {name: getattr(sealed, name) for name in ("key_id", "wrapped_key", "body")}
    for at in range(len(parts[place])):
        changed = bytearray(parts[place])
        changed[at] ^= 1
        with pytest.raises(StoreError):
            ring.open(Sealed(**{**parts, place: bytes(changed)}), bound_to="call-a")


def test_sealed_text_cannot_be_moved_to_another_call():
    ring = Keyring((OLD,))
    with pytest.raises(StoreError):
        ring.open(ring.seal(SECRET, bound_to="call-a"), bound_to="call-b")


def test_a_new_key_wraps_again_and_the_old_one_may_go():
    sealed = Keyring((OLD,)).seal(SECRET, bound_to="a")
    again = Keyring((NEW, OLD)).rewrap(sealed, bound_to="a")
    assert again.body == sealed.body
    assert again.key_id == key_id(NEW)
    assert Keyring((NEW,)).open(again, bound_to="a") == SECRET
    with pytest.raises(StoreError, match="not here"):
        Keyring((OLD,)).open(again, bound_to="a")


def test_a_key_file_belongs_to_its_owner_and_keeps_old_keys(tmp_path):
    path = tmp_path / "keys" / "raw.key"
    first = write_key(path)
    second = write_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring = load_keyring(str(path))
    assert [key_id(key) for key in ring.keys] == [second, first]
    assert repr(ring) == "Keyring(2 keys)"


def test_the_environment_comes_first(monkeypatch, tmp_path):
    path = tmp_path / "raw.key"
    from_file = write_key(path)
    monkeypatch.setenv("QA_RAW_KEY", new_key())
    ring = load_keyring(str(path))
    assert key_id(ring.keys[1]) == from_file


@pytest.mark.parametrize("text", ["short", "????", "QUJD"])
def test_a_bad_key_is_refused_without_being_quoted(monkeypatch, text):
    monkeypatch.setenv("QA_RAW_KEY", text)
    with pytest.raises(SettingsError) as raised:
        load_keyring()
    assert text not in str(raised.value).replace("32 bytes", "")


def test_a_missing_key_file_says_what_to_do(tmp_path):
    with pytest.raises(SettingsError, match="qa privacy key"):
        load_keyring(str(tmp_path / "none"))
