"""One-time tickets that turn a session's token into a cookie which scripts cannot read.

Streamlit's pages cannot set cookies; the route of `dashboards.server` can. The page holds the
ticket for a moment only, never the token.
"""

from __future__ import annotations

import secrets
import threading
import time

#: Cookie that carries a session's token.
COOKIE = "qa_session"
_LIFE_SECONDS = 60.0
_lock = threading.Lock()
_waiting: dict[str, tuple[str, float]] = {}


def issue(token: str, *, now: float | None = None) -> str:
    """A ticket for a token, good once and for a minute."""
    moment = time.monotonic() if now is None else now
    ticket = secrets.token_urlsafe(24)
    with _lock:
        for old in [key for key, (_, until) in _waiting.items() if until <= moment]:
            del _waiting[old]
        _waiting[ticket] = (token, moment + _LIFE_SECONDS)
    return ticket


def redeem(ticket: str, *, now: float | None = None) -> str:
    """The token of a ticket, `""` when it was used, is too old, or never was."""
    moment = time.monotonic() if now is None else now
    with _lock:
        token, until = _waiting.pop(ticket, ("", 0.0))
    return token if moment < until else ""
