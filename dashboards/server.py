"""The dashboard as an ASGI application: Streamlit, with cookies, sound and security headers."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocketClose
from streamlit import net_util
from streamlit.starlette import App

from dashboards import sound, tickets
from dashboards.tickets import COOKIE
from qa.audit import AuditAction
from qa.errors import QaError
from qa.settings import load_settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MOST_TICKET = 200
#: Vega compiles its expressions and components are modules from blobs: hence the script sources.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src 'self' "
    "blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' blob: data:; connect-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Every answer carries the headers; a browser without its mark gets one with the first page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding to the answer's head."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        known = sound.BROWSER in request.cookies

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if not known and headers.get("content-type", "").startswith("text/html"):
                    mark = _cookie(sound.BROWSER, secrets.token_hex(16), request)
                    headers.append("set-cookie", mark)
            await send(message)

        await self._app(scope, receive, send_on)


class OwnHostOnly:
    """Where nobody signs in, only this machine's own names are answered.

    A page of a stranger may let its own name point to this machine (DNS rebinding); then its
    scripts and this dashboard are of one origin, and without passwords nothing else is asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._any = load_settings().access.sign_in != "demo"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what was meant for this machine; refuse the rest."""
        if scope["type"] == "lifespan" or self._any or is_own(Headers(scope=scope).get("host", "")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await Response("not the name of this dashboard", status_code=421)(scope, receive, send)


def is_own(host: str) -> bool:
    """Whether a `Host` header names the machine itself."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


async def keep_session(request: Request) -> Response:
    """Trade a one-time ticket for the session's cookie."""
    ticket = (await request.body())[: _MOST_TICKET + 1].decode("ascii", "replace")
    token = tickets.redeem(ticket)
    if not token:
        return Response(status_code=204)
    return Response(status_code=204, headers={"set-cookie": _cookie(COOKIE, token, request)})


def play(request: Request) -> Response:
    """A sound, whole or in part, for the browser to which it was offered."""
    browser = request.cookies.get(sound.BROWSER, "")
    found = sound.fetch(**request.path_params, browser=browser)
    if found is None:
        return Response("this address has ended", status_code=404)
    offer, wav = found
    try:
        _note_playback(offer)
    except QaError:  # what cannot be written down is not played
        return Response("the playback cannot be written down", status_code=503)
    headers = {"accept-ranges": "bytes", "cache-control": "private, no-store"}
    part = _range(request.headers.get("range", ""), len(wav))
    if part is None:
        return Response(wav, media_type="audio/wav", headers=headers)
    start, end = part
    headers["content-range"] = f"bytes {start}-{end - 1}/{len(wav)}"
    return Response(wav[start:end], status_code=206, media_type="audio/wav", headers=headers)


_noted: OrderedDict[tuple[str, str, str], None] = OrderedDict()
_lock = threading.Lock()


def _note_playback(offer: sound.Offer) -> None:
    """An audit event, once per call, person and browser session."""
    from dashboards import data  # noqa: PLC0415 - its caches want Streamlit's runtime

    key = (offer.browser, offer.user_id, offer.call_id)
    with _lock:
        if key in _noted:
            return
        data.writer().audit.record(
            offer.user_id, AuditAction.PLAYBACK, kind="call", subject=offer.call_id
        )
        _noted[key] = None
        while len(_noted) > 50_000:
            _noted.popitem(last=False)


def _range(header: str, length: int) -> tuple[int, int] | None:
    """The one half-open part asked for (RFC 9110 §14.1.2); None for the whole."""
    unit, _, wanted = header.partition("=")
    first, dash, last = wanted.partition("-")
    if unit.strip() != "bytes" or not dash or not (first + last).isdecimal() or len(header) > 60:
        return None
    if not first:
        return max(0, length - int(last)), length
    start, end = int(first), min(length, int(last) + 1 if last else length)
    return (start, end) if start < end else None


def _cookie(name: str, value: str, request: Request) -> str:
    secure = "; Secure" if request.url.scheme == "https" else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}"


# Streamlit asks a server on the internet for the machine's own address when a page of a stranger
# knocks; nothing leaves the house, so the answer is that nobody knows.
net_util.get_external_ip = lambda: None

app = App(
    Path(__file__).with_name("app.py"),
    routes=[
        Route("/access/session", keep_session, methods=["POST"]),
        Route("/access/sound/{sound}/{until}/{signature}", play, methods=["GET"]),
    ],
    middleware=[Middleware(SecurityHeaders), Middleware(OwnHostOnly)],
)
