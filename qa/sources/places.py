"""Where files are: a folder or any fsspec URL, listed and opened without showing a secret."""

from __future__ import annotations

import ipaddress
import posixpath
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Self, cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import fsspec

from qa.errors import SourceError
from qa.sources import sftp, web
from qa.sources.failures import in_words
from qa.sources.local import Folder, FoundFile, LocalPlace, OnUnreadable

_SECRET_QUERY = re.compile(
    r"(?i)(token|signature|sig|password|passwd|secret|credential|api[-_]?key|access[-_]?key)"
)
_ELSEWHERE = (
    "keep it out of the URL: use the environment (FSSPEC_<PROTOCOL>_<OPTION>), "
    "a secret file, or ~/.config/fsspec"
)

#: File servers where a login name is part of the address, and no secret.
_NAMED_USERS = ("sftp", "ssh", "ftp", "smb")

#: Between the links of a chained URL, not inside an address of IPv6.
_CHAIN = re.compile(r"::(?![^\[]*\])")

#: Where clouds tell a machine its own keys; the link-local range is refused as a whole.
_METADATA = ("metadata.google.internal", "metadata", "100.100.100.200", "fd00:ec2::254")

#: How much of an object is fetched at once; the whole of it is never in memory.
_S3_BLOCK = 4 << 20

#: What changes when a remote file's bytes do, best first.
_VERSION_KEYS = ("ETag", "etag", "md5", "md5Hash", "checksum", "CRC", "mtime", "LastModified")
_TIME_KEYS = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")


def check_url(url: str) -> str:
    """The URL as it may be stored and shown; a local path stays as it is.

    Raises:
        SourceError: It holds a password, token or signature (the message does not repeat it), or
            leads to the address where a cloud tells machines their keys.
    """
    return "::".join(_check_link(link) for link in _CHAIN.split(url))


def _check_link(link: str) -> str:
    if "://" not in link:
        return link
    parts = urlsplit(link)
    shown = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    if ":" in parts.netloc.rpartition("@")[0]:
        raise SourceError("the URL holds a password", shown, _ELSEWHERE)
    if any(
        _SECRET_QUERY.search(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)
    ):
        raise SourceError("the URL holds a token or signature", shown, _ELSEWHERE)
    if _tells_keys(parts.hostname or ""):
        raise SourceError("this address is no place for recordings", shown, "name the file server")
    if "@" not in parts.netloc or parts.scheme in _NAMED_USERS:
        return link
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _tells_keys(host: str) -> bool:
    """A metadata service, in any spelling of its address (`0xa9fea9fe`, `2852039166`)."""
    name = host.rstrip(".").lower()
    if name in _METADATA:
        return True
    with suppress(OSError):
        name = socket.inet_ntoa(socket.inet_aton(name))
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_link_local or str(mapped) in _METADATA


class NothingThereError(SourceError):
    """There is no such folder or file."""


class RemotePlace:
    """A folder of any fsspec file system."""

    def __init__(self, url: str, storage: Mapping[str, Any]) -> None:
        self.shown = check_url(url)
        with in_words(self.shown):
            self._fs, root = fsspec.core.url_to_fs(url, **_options(url, storage))
            self._fs.invalidate_cache()  # file systems are shared; last night's listing is old
        self._root = root.rstrip("/")
        first, separator, rest = self.shown.partition("::")
        self._chain = f"{separator}{rest}"
        self._scheme = urlsplit(first).scheme
        self._base = f"{self._scheme}://" if separator else self.shown.rstrip("/")
        self.is_listable = self._scheme not in ("http", "https")
        #: Objects and archive members appear whole; only files of a file system grow.
        self.is_stable = self._scheme not in ("sftp", "ssh", "ftp", "smb", "memory", "file")

    def kind(self, path: str = "") -> str:
        """`file`, `folder` or `""`."""
        with in_words(self.shown):
            target = self._full(path)
            if not self.is_listable:
                return "file" if posixpath.splitext(target)[1] else "folder"
            if self._fs.isfile(target):
                return "file"
            return "folder" if self._fs.isdir(target) or target == "" else ""

    def uri(self, path: str) -> str:
        """How a file is named in the store."""
        if self._chain:
            return f"{self._base}{posixpath.join(self._root, path)}{self._chain}"
        return f"{self._base}/{path}" if path else self._base

    def look(self, path: str) -> FoundFile | None:
        """The file at a path, or None."""
        with in_words(self.shown):
            try:
                facts = self._fs.info(self._full(path))
            except FileNotFoundError:
                return None
        return self._found(path, facts) if facts.get("type", "file") == "file" else None

    def leads_outside(self, path: str) -> bool:
        """Remote paths are checked by their text alone."""
        del path
        return False

    def read(self, path: str) -> bytes:
        """The bytes of a small file (a manifest)."""
        with in_words(self.uri(path)):
            return bytes(self._fs.cat_file(self._full(path)))

    def walk(self, on_unreadable: OnUnreadable) -> Iterator[Folder]:
        """Every folder, in order of name, one at a time."""

        def skip(error: OSError) -> None:
            on_unreadable(self.shown, str(error) or type(error).__name__)

        with in_words(self.shown):
            for folder, folders, files in self._fs.walk(self._root, detail=True, on_error=skip):
                inside = folder.removeprefix(self._root).strip("/")
                found = [
                    self._found(posixpath.join(inside, name), facts)
                    for name, facts in sorted(files.items())
                    if name
                ]
                yield inside, found, frozenset((*folders, *files))

    def _full(self, path: str) -> str:
        return posixpath.join(self._root, path) if path else self._root

    def _found(self, path: str, facts: Mapping[str, Any]) -> FoundFile:
        version = next((facts[key] for key in _VERSION_KEYS if facts.get(key)), "")
        modified = _time(next((facts[key] for key in _TIME_KEYS if facts.get(key)), None))
        return FoundFile(
            path=path,
            uri=self.uri(path),
            size_bytes=int(facts.get("size") or 0),
            version=str(version or (modified.isoformat() if modified else ""))[:200],
            modified_at=modified,
        )


Place = LocalPlace | RemotePlace


def open_place(url: str, storage: Mapping[str, Any]) -> tuple[Place, str]:
    """The folder of a source, and the one file in it that the URL names (`""` for all of it).

    Raises:
        SourceError: Nothing is there, the URL holds a secret, or its protocol is not installed.
        TransientError: The server does not answer.
    """
    url = url.removeprefix("file://") if url.startswith("file:///") else url
    if "://" not in url:
        path = Path(url).expanduser()
        if path.is_file():
            return LocalPlace(path.parent), path.name
        if not path.is_dir():
            raise NothingThereError("there is no such folder or file", url, "check the path")
        return LocalPlace(path), ""
    check_url(url)
    first, separator, rest = url.partition("::")
    place = RemotePlace(url, storage)
    if place.kind() == "file":
        folder, _, name = first.rstrip("/").rpartition("/")
        folder = f"{folder}/" if folder.endswith("/") else folder
        return RemotePlace(f"{folder}{separator}{rest}", storage), name
    if place.kind() == "":
        raise NothingThereError("there is no such folder or file", place.shown, "check the URL")
    return place, ""


def prefix_of(url: str) -> str:
    """What the URIs of all files and problems of this source begin with.

    For `store.problems.resolve_unseen` after a listing; archives have no common beginning, and give
    the name of their scheme.

    Raises:
        SourceError: The URL holds a secret.
    """
    if "::" in url:
        return f"{url.partition('://')[0]}://"
    url = url.partition("{")[0].rstrip("/") if "{" in url else url
    if (path := local_path(url)) is not None:
        path = path.expanduser().resolve()
        return str(path.parent if path.is_file() else path)
    shown = check_url(url).rstrip("/")
    folder, _, name = shown.rpartition("/")
    return folder if "." in name and not folder.endswith("/") else shown


def open_file(uri: str, storage: Mapping[str, Any] | None = None) -> BinaryIO:
    """Open a file of a source for reading, by the URI that the store keeps.

    Raises:
        SourceError: It cannot be read (gone, no rights, protocol not installed).
        TransientError: The server does not answer.
    """
    with in_words(uri):
        if (path := local_path(uri)) is not None:
            return path.open("rb")
        files, inside = fsspec.core.url_to_fs(uri, **_options(uri, storage or {}))
        file = files.open(inside, "rb")
        with suppress(AttributeError):
            file.held = files  # an archive closes its members when it is collected
        return cast(BinaryIO, _Worded(file, uri))


class _Worded:
    """A remote file whose failing reads are told in our words, long after it was opened."""

    def __init__(self, file: Any, place: str) -> None:
        self._file, self._place = file, place

    def read(self, size: int = -1) -> bytes:
        with in_words(self._place):
            return bytes(self._file.read(size))

    def seek(self, offset: int, whence: int = 0) -> int:
        with in_words(self._place):
            return int(self._file.seek(offset, whence))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def local_path(uri: str) -> Path | None:
    """The file's path when it lies on this machine, else None."""
    if uri.startswith("file:///"):
        return Path(uri.removeprefix("file://"))
    return None if "://" in uri else Path(uri)


def _options(url: str, storage: Mapping[str, Any]) -> dict[str, Any]:
    options = dict(storage)
    kinds = {link.partition("://")[0] for link in _CHAIN.split(url)}
    if kinds & {"sftp", "ssh"}:
        sftp.register()
    if kinds & {"http", "https"}:
        web.register(_tells_keys)
    if url.startswith(("s3://", "s3a://")):
        # a server that hangs must not hold a night; botocore itself waits a minute five times
        patience = {"connect_timeout": 10, "read_timeout": 30, "retries": {"max_attempts": 3}}
        options.setdefault("config_kwargs", patience)
        options.setdefault("default_block_size", _S3_BLOCK)
    return options


def _time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return None
