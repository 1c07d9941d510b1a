"""One family of errors: each names what is wrong, where, and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class QaError(Exception):
    """Something a person can act on.

    Args:
        message: What is wrong, naming the thing.
        place: File, line, field, row or call the problem sits in.
        remedy: What the reader should do next.

    Errors pickle (workers in other processes raise them), so the three parts are the only state.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, place: str = "", remedy: str = "") -> None:
        super().__init__(message, place, remedy)
        self.message = message
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        cure = f" -> {self.remedy}" if self.remedy else ""
        return f"{where}{self.message}{cure}"


class SettingsError(QaError):
    """A setting is missing, unknown or out of range."""

    code = "settings"


class SourceError(QaError):
    """A recording source, manifest or file name cannot be read as asked."""

    code = "source"


class AudioError(QaError):
    """A recording cannot be decoded into speech; the call becomes a row with this reason."""

    code = "audio"


class ModelError(QaError):
    """Model weights are missing, damaged, or not what their hash says."""

    code = "model"


class ScorecardError(QaError):
    """A scorecard or lexicon is not valid."""

    code = "scorecard"


class StoreError(QaError):
    """The store cannot be opened, is too old or too new, or refuses a write."""

    code = "store"


class NotFoundError(StoreError):
    """The thing asked for is not in the store."""

    code = "not_found"


class ReviewError(QaError):
    """A review, dispute, sample or calibration step does not fit the rules or came too late."""

    code = "review"


class AccessDeniedError(QaError):
    """The person may not do this, or not to this row; nothing about the row is told."""

    code = "access_denied"


class TransientError(QaError):
    """Trying again may help: the network, a lock, a busy server. Flows retry only this kind."""

    code = "transient"
