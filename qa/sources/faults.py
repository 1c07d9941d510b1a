"""The problems a source can have, each worded once."""

from __future__ import annotations

from dataclasses import dataclass

from qa.sources.values import ProblemKind, SourceProblem


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault whose place is not known yet."""

    kind: ProblemKind
    field: str
    message: str
    remedy: str

    def at(self, place: str) -> SourceProblem:
        """The fault in its place."""
        return SourceProblem(
            kind=self.kind,
            place=place,
            field=self.field,
            message=self.message,
            remedy=self.remedy,
        )


def waiting(uri: str, why: str) -> SourceProblem:
    """A file that may still be being written."""
    return Fault(ProblemKind.WAITING, "", why, "it is left for the next run").at(uri)


def linked_outside(uri: str) -> SourceProblem:
    """A link that leads out of the source."""
    remedy = "put the file itself into the source"
    return Fault(ProblemKind.UNSAFE, "", "a link leads out of the source", remedy).at(uri)


def not_audio(uri: str, suffix: str) -> SourceProblem:
    """A file of a kind that is not taken for sound."""
    kind = f"files of kind {suffix}" if suffix else "files without suffix"
    remedy = "rename it if it is a recording, else move it away"
    return Fault(ProblemKind.NOT_AUDIO, "", f"{kind} are not taken for sound", remedy).at(uri)


def unreadable(place: str, why: str) -> SourceProblem:
    """A folder that cannot be listed."""
    message = f"the folder cannot be read ({why})"
    return Fault(ProblemKind.UNREADABLE, "", message, "give this user read access").at(place)


def unlisted(uri: str, manifest: str) -> SourceProblem:
    """A file that the manifest does not mention."""
    message = f"{manifest} has no row for this file"
    remedy = "add a row; it is taken with the next run"
    return Fault(ProblemKind.UNLISTED, "", message, remedy).at(uri)


def bad_row(message: str, *, field: str = "", remedy: str = "correct this row") -> Fault:
    """A row that cannot be read."""
    return Fault(ProblemKind.MANIFEST, field, message, remedy)


def missing(path: str, similar: str) -> Fault:
    """A row whose file is not there; `similar` is a file whose name differs only in case."""
    hint = f"; did you mean {similar!r}?" if similar else ""
    remedy = "upload the file, or correct or remove the row"
    return Fault(ProblemKind.MISSING, "file", f"{path!r} is not there{hint}", remedy)


def duplicate(name: str, value: str, first: int) -> Fault:
    """A file or call id that an earlier row already has."""
    message = f"{value!r} was already given on line {first}"
    return Fault(ProblemKind.DUPLICATE, name, message, "keep one of the two rows")


def unsafe_path(written: str) -> Fault:
    """A manifest's file name that leads out of the source."""
    remedy = "name the file relative to the manifest, inside its folder"
    return Fault(ProblemKind.UNSAFE, "file", f"{written!r} leads out of the source", remedy)


def misnamed(uri: str, message: str, *, field: str = "") -> SourceProblem:
    """A file name that does not say what the pattern expects."""
    remedy = "rename the file, or correct the pattern"
    return Fault(ProblemKind.NAME, field, message, remedy).at(uri)
