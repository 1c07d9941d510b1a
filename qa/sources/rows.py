"""Joining the rows of a manifest with the files of the source."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from qa.sources import faults
from qa.sources.details import DetailsReader
from qa.sources.faults import Fault
from qa.sources.local import FoundFile
from qa.sources.manifest import ManifestRow
from qa.sources.places import Place
from qa.sources.scanning import Scanned, scan
from qa.sources.values import CallDetails, ProblemKind, SourceProblem

_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Matched:
    """A file and what its row says. `line` is where the row stands."""

    file: FoundFile
    details: CallDetails
    line: int


@dataclass
class RowMatcher:
    """One manifest over one source. Iterate once."""

    place: Place
    manifest: str
    reader: DetailsReader
    _files: dict[str, Scanned] = field(default_factory=dict)
    _lines_of_files: dict[str, int] = field(default_factory=dict)
    _lines_of_calls: dict[str, int] = field(default_factory=dict)

    def match(self, rows: Iterator[ManifestRow]) -> Iterator[Matched | SourceProblem]:
        """Every row as a match or a problem, then the files that no row names."""
        if self.place.is_listable:
            yield from self._collect()
        for row in rows:
            yield from self._row(row)
        for path, found in self._files.items():
            if path in self._lines_of_files:
                continue
            if isinstance(found, FoundFile):
                yield faults.unlisted(found.uri, self.manifest)
            else:
                yield found

    def _collect(self) -> Iterator[SourceProblem]:
        root = self.place.uri("").rstrip("/")
        for found in scan(self.place):
            if isinstance(found, FoundFile):
                self._files[found.path] = found
            elif found.kind == ProblemKind.UNREADABLE:
                yield found
            else:
                self._files[found.place.removeprefix(root).lstrip("/")] = found

    def _row(self, row: ManifestRow) -> Iterator[Matched | SourceProblem]:
        where = f"{self.place.uri(self.manifest)}:{row.line}"
        path, fault = safe_path(self.manifest, row.columns.get("file", ""))
        if row.error:
            fault = faults.bad_row(row.error)
        if fault is None:
            fault = self._twice(self._lines_of_files, "file", path, row.line)
        if fault is not None:
            yield fault.at(where)
            return
        details, wrong = self.reader.read(row.columns, row.tags)
        if wrong:
            yield from (
                faults.bad_row(each.message, field=each.field, remedy=each.remedy).at(where)
                for each in wrong
            )
            return
        found = self._find(path)
        if not isinstance(found, FoundFile):
            yield found or faults.missing(path, self._similar(path)).at(where)
        elif twice := self._twice(self._lines_of_calls, "call_id", details.call_id, row.line):
            yield twice.at(where)
        else:
            yield Matched(found, details, row.line)

    def _find(self, path: str) -> Scanned | None:
        known = self._files.get(path)
        is_sound = not isinstance(known, SourceProblem) or known.kind != ProblemKind.NOT_AUDIO
        if known is not None and is_sound:
            return known
        if self.place.leads_outside(path):
            return faults.linked_outside(self.place.uri(path))
        return self.place.look(path)  # named by a row: taken whatever its suffix is

    def _similar(self, path: str) -> str:
        return next((known for known in self._files if known.lower() == path.lower()), "")

    @staticmethod
    def _twice(lines: dict[str, int], name: str, value: str, line: int) -> Fault | None:
        first = lines.setdefault(value, line) if value else line
        return None if first == line else faults.duplicate(name, value, first)


def safe_path(manifest: str, written: str) -> tuple[str, Fault | None]:
    """A manifest's file name as a path inside the source, relative to the manifest's folder."""
    if not written:
        return "", faults.bad_row(
            "no file is named", field="file", remedy="write the name of the recording's file"
        )
    path = written.replace("\\", "/")
    leads_out = (
        path.startswith(("/", "~"))
        or _DRIVE.match(path)
        or "://" in path
        or "::" in path
        or "\0" in path
        or ".." in path.split("/")
    )
    if leads_out:
        return "", faults.unsafe_path(written)
    return posixpath.normpath(posixpath.join(posixpath.dirname(manifest), path)), None
