"""What goes into files that people open in a spreadsheet."""

from __future__ import annotations

from io import BytesIO
from typing import Any, TypeVar

from qa.errors import SettingsError

Cell = TypeVar("Cell")

#: Spreadsheets run a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(cell: Cell) -> Cell | str:
    """A cell that no spreadsheet takes for a formula: such text is quoted, numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def open_workbook(buffer: BytesIO) -> Any:
    """A new XLSX workbook, a context manager; texts never become formulas, links or numbers.

    Raises:
        SettingsError: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise SettingsError(
            "XLSX needs XlsxWriter", "report", "pip install 'call-quality[reports]'"
        ) from error
    keep_text = dict.fromkeys(
        ("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False
    )
    return xlsxwriter.Workbook(buffer, {"in_memory": True, **keep_text})
