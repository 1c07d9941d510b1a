"""Errors of file systems and servers in our words; their own text may hold secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from qa.errors import QaError, SourceError, TransientError

_MEANINGS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((FileNotFoundError, NotADirectoryError), "the file is not there", "check the source"),
    ((IsADirectoryError,), "this is a folder", "name a file"),
    ((PermissionError,), "no right to read it", "give this user read access"),
    ((ValueError, KeyError), "the source cannot be read as this kind", "check the URL"),
)


#: Errors of clients that are no OSError, and mean that the server or the way to it failed.
_PASSING = {
    "aiohttp": ("ClientError",),
    "botocore": ("HTTPClientError", "ConnectionError", "IncompleteReadError", "SlowDown"),
    "fsspec": ("FSTimeoutError",),
    "paramiko": ("SSHException",),
}
_LASTING = ("BadHostKeyException", "AuthenticationException", "InvalidURL")


def _may_pass(error: Exception) -> bool:
    """Whether a client's own error speaks of the network; known by name, nothing is imported."""
    kinds = type(error).__mro__
    if any(kind.__name__ in _LASTING for kind in kinds) or "known_hosts" in str(error):
        return False
    return any(kind.__name__ in _PASSING.get(kind.__module__.split(".")[0], ()) for kind in kinds)


@contextmanager
def in_words(place: str) -> Iterator[None]:
    """Raise `SourceError`, or `TransientError` when trying again may help.

    Args:
        place: The source or file, without credentials.
    """
    try:
        yield
    except QaError:
        raise
    except Exception as error:
        raise explain(error, place) from error


def explain(error: Exception, place: str) -> QaError:
    """The error in the system's words."""
    kind = type(error).__name__
    if isinstance(error, ImportError):
        wanted = error.name or str(error).removeprefix("Install ").partition(" ")[0]
        return SourceError(f"this kind of source needs {wanted}", place, f"pip install {wanted}")
    for types, meaning, remedy in _MEANINGS:
        if isinstance(error, types):
            return SourceError(meaning, place, remedy)
    if isinstance(error, OSError) or _may_pass(error):  # among them timeouts and broken connections
        return TransientError(f"the source does not answer ({kind})", place, "try again later")
    return SourceError(f"the source refuses ({kind})", place, "check address, rights and host key")
