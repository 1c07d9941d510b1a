"""Sounds are made once, dropped after an hour, and only as many are kept as fit."""

import pytest

from dashboards import sound, sound_cache
from transcription.playback import Playable


@pytest.fixture(autouse=True)
def empty():
    sound_cache.forget()
    yield
    sound_cache.forget()


def made(size=10):
    return Playable(wav=b"x" * size, outline=(), seconds=1.0, digest="d")


def refuse():
    raise AssertionError("made twice")


def test_a_sound_is_made_once_an_hour():
    first = sound_cache.kept("a", made, now=0)
    assert sound_cache.kept("a", refuse, now=3599) is first
    assert sound_cache.kept("a", made, now=3600) is not first


def test_what_could_not_be_read_is_tried_again():
    assert sound_cache.kept("a", lambda: None, now=0) is None
    assert sound_cache.kept("a", made, now=1) is not None


def test_the_oldest_make_room_and_one_is_always_kept(monkeypatch):
    monkeypatch.setattr(sound_cache, "_MOST_BYTES", 25)
    for key in "abc":
        sound_cache.kept(key, made, now=0)
    assert sound_cache.kept("c", refuse, now=1)
    with pytest.raises(AssertionError):
        sound_cache.kept("a", refuse, now=1)
    sound_cache.kept("long", lambda: made(100), now=1)
    assert sound_cache.kept("long", refuse, now=2)


def test_the_address_of_a_three_hour_call_outlives_its_playing():
    given = {"call_id": "c", "user_id": "u", "browser": "b"}
    hours = 3 * 3600.0
    address = sound.offer(b"RIFF long", **given, seconds=hours, now=1_000)
    until = int(address.split("/")[4])
    assert until >= 1_000 + hours / sound.SLOWEST + sound.LIFE_SECONDS - 1
    # shown again an hour later it could not be played to its end slowly: another address
    again = sound.offer(b"RIFF long", **given, seconds=hours, now=1_000 + 3600)
    assert again != address
