"""Sound for who may hear it: signed addresses that live briefly and work in one browser only.

The page that shows a call has read it through the viewer's eyes. Only then is its sound offered
here, under an address whose signature covers the sound, the person, the browser and the end of its
life. The key is the process's own: a restart ends every address.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

#: Cookie that marks a browser, so that an address of a sound works in it only.
BROWSER = "qa_browser"
#: Long enough to review a long call, short enough that a copied address is worth little.
LIFE_SECONDS = 1800
_RENEW_SECONDS = 300
#: Slowest speed of the player.
SLOWEST = 0.75
_MOST_BYTES = 512 * 1024 * 1024
_KEY = secrets.token_bytes(32)
_lock = threading.Lock()
_offered: OrderedDict[str, bytes] = OrderedDict()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Who may fetch which sound, from which browser, until when (seconds since the epoch)."""

    sound: str
    call_id: str
    user_id: str
    browser: str
    until: int

    @property
    def address(self) -> str:
        """Path and signature; says nothing about call or person."""
        return f"/access/sound/{self.sound}/{self.until}/{self.signature}"

    @property
    def signature(self) -> str:
        """HMAC-SHA-256 over every field."""
        text = "\n".join((self.sound, self.call_id, self.user_id, self.browser, str(self.until)))
        return hmac.new(_KEY, text.encode(), hashlib.sha256).hexdigest()

    def is_fresh(self, now: float) -> bool:
        """Whether it will live for some minutes yet."""
        return self.until - now > _RENEW_SECONDS


_offers: OrderedDict[str, Offer] = OrderedDict()


def offer(
    wav: bytes,
    *,
    call_id: str,
    user_id: str,
    browser: str,
    digest: str = "",
    seconds: float = 0.0,
    now: float | None = None,
) -> str:
    """The address of a sound for one person in one browser; the same one while it is fresh.

    Args:
        wav: The sound.
        call_id: Of which call, for the audit trail.
        user_id: Who asks.
        browser: Mark of the browser.
        digest: SHA-256 of `wav` where it is known: a long call takes half a second.
        seconds: Length of the sound; its address lives long enough to play it slowly.
        now: Seconds since the epoch.
    """
    moment = time.time() if now is None else now
    key = (digest or hashlib.sha256(wav).hexdigest())[:32]
    played = seconds / SLOWEST
    with _lock:
        _offered[key] = wav
        _offered.move_to_end(key)
        while len(_offered) > 1 and sum(map(len, _offered.values())) > _MOST_BYTES:
            _offered.popitem(last=False)
        for known in reversed(_offers.values()):
            same = (known.sound, known.call_id, known.user_id, known.browser)
            if same == (key, call_id, user_id, browser) and known.is_fresh(moment + played):
                return known.address
        made = Offer(
            sound=key,
            call_id=call_id,
            user_id=user_id,
            browser=browser,
            until=int(moment + played) + LIFE_SECONDS,
        )
        _offers[made.signature] = made
        while len(_offers) > 5_000:
            _offers.popitem(last=False)
    return made.address


def fetch(
    sound: str, until: str, signature: str, *, browser: str, now: float | None = None
) -> tuple[Offer, bytes] | None:
    """What an address stands for; None when it is made up, too old, or from another browser."""
    moment = time.time() if now is None else now
    with _lock:
        made = _offers.get(signature)
        wav = _offered.get(sound)
    if made is None or wav is None or made.sound != sound or str(made.until) != until:
        return None
    if moment >= made.until or not hmac.compare_digest(made.signature, signature):
        return None
    if not browser or not hmac.compare_digest(made.browser.encode(), browser.encode()):
        return None
    return made, wav
