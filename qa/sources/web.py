"""HTTP that stays where it was sent: no redirect elsewhere, no name for a cloud's keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

import fsspec

from qa.errors import SourceError


def register(tells_keys: Callable[[str], bool]) -> None:
    """Make `http://` and `https://` follow redirects on the same host only, never to less safety.

    The storage option `redirect_hosts` (or `FSSPEC_HTTP_REDIRECT_HOSTS`), names separated by
    commas, allows others: a download server that hands over to its own store. A source that is
    asked with credentials is never followed there.

    Args:
        tells_keys: Whether a host is no place for recordings; asked of every address that a name
            resolves to, so that no name stands for one.
    """
    import aiohttp  # noqa: PLC0415 - an optional package
    from fsspec.implementations.http import HTTPFileSystem  # noqa: PLC0415

    resolver = _checked_resolver(tells_keys)

    class CheckedHttp(HTTPFileSystem):  # type: ignore[misc]
        def __init__(self, *, redirect_hosts: str = "", **options: Any) -> None:
            super().__init__(**options)
            self.get_client = self._client
            self._elsewhere = frozenset(re.split(r"[,\s]+", redirect_hosts.lower())) - {""}

        async def _client(self, *, loop: Any, **options: Any) -> aiohttp.ClientSession:
            trace = aiohttp.TraceConfig()
            trace.on_request_redirect.append(self._redirected)
            patience = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=30)
            return aiohttp.ClientSession(
                loop=loop,
                connector=aiohttp.TCPConnector(loop=loop, resolver=resolver(loop=loop)),
                trace_configs=[trace],
                **({"timeout": patience} | options),
            )

        async def _redirected(self, _session: Any, _context: Any, asked: Any) -> None:
            answer = asked.response.headers
            there = urljoin(str(asked.url), answer.get("Location") or answer.get("URI") or "")
            secret = {*self.kwargs, *self.client_kwargs} & {"auth", "cookies", "headers"}
            _check_redirect(str(asked.url), there, frozenset() if secret else self._elsewhere)

        async def _info(self, url: str, **options: Any) -> Any:
            try:
                return await super()._info(url, **options)
            except FileNotFoundError as error:  # so fsspec words whatever went wrong
                if isinstance(error.__cause__, SourceError):
                    raise error.__cause__ from None
                raise

    for protocol in ("http", "https"):
        if fsspec.get_filesystem_class(protocol) is HTTPFileSystem:
            fsspec.register_implementation(protocol, CheckedHttp, clobber=True)


def _checked_resolver(tells_keys: Callable[[str], bool]) -> Any:
    from aiohttp.resolver import ThreadedResolver  # noqa: PLC0415

    class CheckedResolver(ThreadedResolver):
        async def resolve(self, host: str, *rest: Any, **options: Any) -> Any:
            found = await super().resolve(host, *rest, **options)
            if any(tells_keys(one["host"]) for one in found):
                raise SourceError(
                    "this address is no place for recordings", host, "name the file server"
                )
            return found

    return CheckedResolver


def _check_redirect(asked: str, there: str, allowed: frozenset[str]) -> None:
    """Raise `SourceError` where a redirect leads to another host or from https to less."""
    begin, end = urlsplit(asked), urlsplit(there)
    is_safe = end.scheme == "https" or (end.scheme == "http" and begin.scheme == "http")
    same_port = begin.port == end.port or (begin.port, end.port) == (None, None)
    same = begin.hostname == end.hostname and (same_port or begin.scheme != end.scheme)
    if is_safe and (same or (end.hostname or "") in allowed):
        return
    raise SourceError(
        f"the server sends us elsewhere ({end.scheme}://{end.hostname})",
        f"{begin.scheme}://{begin.hostname}{begin.path}",
        "name that address as the source, or allow the host in FSSPEC_HTTP_REDIRECT_HOSTS",
    )
