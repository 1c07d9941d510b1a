"""Imports of people data: files of any spreadsheet, checked row by row before anything is kept."""

from qa.people.importing.kinds import KINDS, Field, ImportKind
from qa.people.importing.preview import Known, Preview, RowError, read_import
from qa.people.importing.reading import Sheet, read_sheet

__all__ = [
    "KINDS",
    "Field",
    "ImportKind",
    "Known",
    "Preview",
    "RowError",
    "Sheet",
    "read_import",
    "read_sheet",
]
