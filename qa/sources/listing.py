"""Listing a source: complete files with what is known about them, and a problem for the rest."""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from qa.errors import SourceError
from qa.sources import faults
from qa.sources.days import has_days, places_of
from qa.sources.details import DetailsReader, fill
from qa.sources.fields import zone
from qa.sources.filenames import KNOWN_GROUPS, compile_pattern, read_name
from qa.sources.local import FoundFile
from qa.sources.manifest import MANIFEST_NAMES, ManifestRow, read_manifest
from qa.sources.places import NothingThereError, Place, RemotePlace, open_place
from qa.sources.rows import RowMatcher
from qa.sources.scanning import scan
from qa.sources.values import NO_DETAILS, CallDetails, SourceItem, SourceOptions, SourceProblem

Listed = SourceItem | SourceProblem

_MANIFEST_SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")


def _now() -> datetime:
    return datetime.now(UTC)


def list_source(
    url: str,
    options: SourceOptions | None = None,
    *,
    now: Callable[[], datetime] = _now,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Listed]:
    """Every file of a source that is ready, and every problem, as they are found.

    With a manifest, its rows decide (a file without a row is a problem: its metadata is still to
    come); without one, file names may say something; else only the bytes count. Files that changed
    less than `settle_seconds` ago are looked at once more at the end (when `patient`) and left for
    the next run if they still change.

    Args:
        url: A folder, one sound file, a manifest, or an fsspec URL of any of these.
        options: How to read it.
        now: The clock.
        sleep: Waits for files to settle.

    Raises:
        SourceError: The source as a whole cannot be read: nothing there, a secret in the URL, a
            manifest that is no table, a wrong pattern.
        TransientError: The server does not answer.
    """
    options = options or SourceOptions()
    if has_days(url):
        return _by_days(url, options, now, sleep)
    place, name = open_place(url, options.storage)
    names = _NameReader.make(options, now())
    if manifest := _manifest_of(place, name, options):
        rows = _read_manifest(place, manifest)
        found = _by_manifest(RowMatcher(place, manifest, names.reader), rows, names)
    elif name:
        found = _one(place, name, names)
    elif place.is_listable:
        found = _by_names(place, names)
    else:
        raise SourceError(
            "a web address cannot be listed", place.shown, "name a manifest file there"
        )
    return _Settling(place, options, now, sleep).of(found)


def _by_days(
    url: str,
    options: SourceOptions,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Iterator[Listed]:
    """The last days one after the other; a day that nobody has written to yet is no problem."""
    for place in places_of(url, now=now(), days=options.days, timezone=options.timezone):
        try:
            found = list_source(place, options, now=now, sleep=sleep)
        except SourceError as error:
            if not isinstance(error, NothingThereError):
                raise
            continue
        yield from found


#: A file with its details and their origin, before it is known to be complete.
_Offer = tuple[FoundFile, CallDetails, str]


def _manifest_of(place: Place, name: str, options: SourceOptions) -> str:
    if name.lower().endswith(_MANIFEST_SUFFIXES):
        return name
    if options.manifest or name or not place.is_listable:
        return options.manifest
    found = [known for known in MANIFEST_NAMES if place.kind(known) == "file"]
    if len(found) > 1:
        raise SourceError(
            f"there are two manifests, {found[0]} and {found[1]}",
            place.shown,
            "remove one, or name the right one",
        )
    return found[0] if found else ""


def _read_manifest(place: Place, manifest: str) -> Iterator[ManifestRow]:
    where = place.uri(manifest)
    if place.leads_outside(manifest) or (place.is_listable and place.kind(manifest) != "file"):
        raise SourceError("there is no such manifest in the source", where, "check its name")
    return read_manifest(place.read(manifest), manifest, place=where)


def _by_manifest(
    matcher: RowMatcher, rows: Iterator[ManifestRow], names: _NameReader
) -> Iterator[_Offer | SourceProblem]:
    for found in matcher.match(rows):
        if isinstance(found, SourceProblem):
            yield found
            continue
        details = found.details
        if names.is_given:
            details = fill(details, names.read(found.file)[0])
        yield found.file, details, f"{posixpath.basename(matcher.manifest)}:{found.line}"


def _one(place: Place, name: str, names: _NameReader) -> Iterator[_Offer | SourceProblem]:
    if (file := place.look(name)) is None:
        yield faults.linked_outside(place.uri(name))
    else:
        yield from names.offer(file)


def _by_names(place: Place, names: _NameReader) -> Iterator[_Offer | SourceProblem]:
    for found in scan(place):
        if isinstance(found, FoundFile):
            yield from names.offer(found)
        else:
            yield found


@dataclass(frozen=True)
class _NameReader:
    """What a file's name says. A pattern that was asked for must fit; a habit only may."""

    reader: DetailsReader
    patterns: Mapping[str, re.Pattern[str]]
    is_given: bool

    @classmethod
    def make(cls, options: SourceOptions, now: datetime) -> _NameReader:
        patterns = compile_pattern(options.pattern)
        local = zone(options.timezone)
        reader = DetailsReader(local=local, now=now, customer_key=options.customer_key)
        return cls(reader, patterns, bool(options.pattern))

    def offer(self, file: FoundFile) -> Sequence[_Offer | SourceProblem]:
        details, origin, problems = self.read(file)
        return problems or ((file, details, origin),)

    def read(self, file: FoundFile) -> tuple[CallDetails, str, list[SourceProblem]]:
        stem = posixpath.splitext(posixpath.basename(file.path))[0]
        name, groups = read_name(stem, self.patterns)
        if not name and not self.is_given:
            return NO_DETAILS, "", []
        if not name:
            misfit = faults.misnamed(file.uri, "the file name does not fit the pattern")
            return NO_DETAILS, "", [misfit]
        tags = {key: text for key, text in groups.items() if key not in KNOWN_GROUPS}
        details, wrong = self.reader.read(groups, tags)
        if not wrong:
            return details, f"pattern {name}", []
        problems = [faults.misnamed(file.uri, each.message, field=each.field) for each in wrong]
        # A habit that only seems to fit says nothing, and harms nothing.
        return NO_DETAILS, "", problems if self.is_given else []


@dataclass
class _Settling:
    """Holds back files that may still be being written, and looks again at the end."""

    place: Place
    options: SourceOptions
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    young: list[_Offer] = field(default_factory=list)

    def of(self, found: Iterator[_Offer | SourceProblem]) -> Iterator[Listed]:
        noted = self.now()
        young_from = noted - timedelta(seconds=self.options.settle_seconds)
        stable = isinstance(self.place, RemotePlace) and self.place.is_stable
        for each in found:
            if isinstance(each, SourceProblem):
                yield each
            # A time in the future (clocks differ) proves nothing, so it counts as young.
            elif not stable and (each[0].modified_at or young_from) > young_from:
                self.young.append(each)
                noted = self.now()
            else:
                yield _item(*each)
        if self.young and self.options.patient:
            passed = (self.now() - noted).total_seconds()
            self.sleep(max(0.0, self.options.settle_seconds - passed))
        yield from (self._again(*each) for each in self.young)

    def _again(self, file: FoundFile, details: CallDetails, origin: str) -> Listed:
        again = self.place.look(file.path) if self.options.patient else None
        if again is None or (again.size_bytes, again.version) != (file.size_bytes, file.version):
            why = f"it changed less than {self.options.settle_seconds:g} s ago"
            return faults.waiting(file.uri, why)
        return _item(again, details, origin)


def _item(file: FoundFile, details: CallDetails, origin: str) -> SourceItem:
    return SourceItem(
        uri=file.uri,
        size_bytes=file.size_bytes,
        version=file.version,
        modified_at=file.modified_at,
        details=details,
        origin=origin,
    )
