"""Which files of a folder are recordings, which are still coming, and which are something else."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from qa.sources import faults
from qa.sources.local import FoundFile
from qa.sources.places import Place
from qa.sources.values import AUDIO_SUFFIXES, PARTIAL_SUFFIXES, QUIET_SUFFIXES, SourceProblem

Scanned = FoundFile | SourceProblem


def scan(place: Place) -> Iterator[Scanned]:
    """Recordings of a place, and problems; companions of recordings are passed over in silence."""
    problems: list[SourceProblem] = []

    def note(where: str, why: str) -> None:
        problems.append(faults.unreadable(where, why))

    for _, files, names in place.walk(note):
        yield from _drain(problems)
        locks = frozenset(name for name in names if name.endswith(".lock"))
        for file in files:
            verdict = _judge(place, file, locks)
            if verdict is not None:
                yield verdict
    yield from _drain(problems)


def _drain(problems: list[SourceProblem]) -> Iterator[SourceProblem]:
    yield from problems
    problems.clear()


def _judge(place: Place, file: FoundFile, locks: frozenset[str]) -> Scanned | None:
    name = posixpath.basename(file.path)
    stem, suffix = posixpath.splitext(name.lower())
    if name.startswith((".", "~")) or suffix in QUIET_SUFFIXES:
        return None
    if suffix in PARTIAL_SUFFIXES:
        is_sound = posixpath.splitext(stem)[1] in AUDIO_SUFFIXES
        return faults.waiting(file.uri, "it is still being uploaded") if is_sound else None
    if suffix not in AUDIO_SUFFIXES:
        return faults.not_audio(file.uri, suffix)
    if locks and locks.intersection((f"{name}.lock", f"{posixpath.splitext(name)[0]}.lock")):
        return faults.waiting(file.uri, "a .lock file stands beside it")
    if file.is_link and place.leads_outside(file.path):
        return faults.linked_outside(file.uri)
    return file
