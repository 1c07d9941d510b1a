"""What goes into files that people open in a spreadsheet."""

from __future__ import annotations

from typing import TypeVar

Cell = TypeVar("Cell")

#: Spreadsheets run a cell that begins with one of these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(cell: Cell) -> Cell | str:
    """A cell that no spreadsheet takes for a formula: such text is quoted, numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
