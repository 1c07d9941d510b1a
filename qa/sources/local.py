"""A folder on this machine or a mounted share, and what any place says about a file."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file as the listing shows it. `path` is relative to the source's root, with `/`.

    `is_link`: where it leads must be looked at before it is read.
    """

    path: str
    uri: str
    size_bytes: int
    version: str
    modified_at: datetime | None
    is_link: bool = False


#: A folder with its files, and the names of everything in it; or the error that kept it shut.
Folder = tuple[str, list[FoundFile], frozenset[str]]
OnUnreadable = Callable[[str, str], None]


class LocalPlace:
    """A folder on this machine or a mounted share."""

    is_listable = True
    is_stable = False

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.shown = str(self.root)
        self._prefix = f"{self.shown.rstrip('/')}/"

    def kind(self, path: str = "") -> str:
        """`file`, `folder` or `""`."""
        target = self.root / path
        return "file" if target.is_file() else "folder" if target.is_dir() else ""

    def uri(self, path: str) -> str:
        """How a file is named in the store."""
        return f"{self._prefix}{path}" if path else self.shown

    def look(self, path: str) -> FoundFile | None:
        """The file at a path, or None. Links that lead out of the source are not followed."""
        target = self.root / path
        try:
            if self.leads_outside(path) or not target.is_file():
                return None
            return self._found(path, target.stat(), is_link=target.is_symlink())
        except OSError:
            return None

    def leads_outside(self, path: str) -> bool:
        """Whether a path names something outside of the source, through a link."""
        return not (self.root / path).resolve().is_relative_to(self.root)

    def read(self, path: str) -> bytes:
        """The bytes of a small file (a manifest)."""
        return (self.root / path).read_bytes()

    def walk(self, on_unreadable: OnUnreadable) -> Iterator[Folder]:
        """Every folder, in order of name, one at a time."""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(self.root / folder) as entries:
                    listed = sorted(entries, key=lambda entry: entry.name)
            except OSError as error:
                on_unreadable(self.uri(folder), error.strerror or type(error).__name__)
                continue
            folders = [entry.name for entry in listed if entry.is_dir(follow_symlinks=False)]
            waiting += [posixpath.join(folder, name) for name in reversed(folders)]
            yield self._folder(folder, listed)

    def _folder(self, folder: str, listed: list[os.DirEntry[str]]) -> Folder:
        files = []
        for entry in listed:
            try:
                if entry.is_file():
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    is_link = entry.is_symlink()
                    files.append(self._found(path, entry.stat(), is_link=is_link))
            except OSError:  # it went away, or the link leads nowhere
                continue
        return folder, files, frozenset(entry.name for entry in listed)

    def _found(self, path: str, facts: os.stat_result, *, is_link: bool) -> FoundFile:
        return FoundFile(
            path=path,
            uri=self.uri(path),
            size_bytes=facts.st_size,
            version=str(facts.st_mtime_ns),
            modified_at=datetime.fromtimestamp(facts.st_mtime, UTC),
            is_link=is_link,
        )
