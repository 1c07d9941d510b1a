"""A report as XLSX: numbers are number cells, and no text can become a formula or a link."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from qa.reports.report import Report
from qa.reports.sheets import Format, Sheet, heading, notes, sheets
from qa.reports.words import word
from qa.spreadsheets import open_workbook

_NUMBERS = {
    Format.COUNT: "#,##0",
    Format.PERCENT: "0.0%",
    Format.POINTS: "0.0",
    Format.CHANGE: "+0.0;-0.0;0.0",
    Format.PERCENT_CHANGE: "+0.0%;-0.0%;0.0%",
}


def to_xlsx(report: Report, language: str) -> bytes:
    """The report as a workbook in `zh` or `en`, a sheet per table.

    Raises:
        SettingsError: The language is neither, or XlsxWriter is not installed.
    """
    out = BytesIO()
    with open_workbook(out) as book:
        forms = {form: book.add_format({"num_format": code}) for form, code in _NUMBERS.items()}
        forms[Format.TEXT] = book.add_format({"text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        names: set[str] = set()
        for sheet in sheets(report, language):
            title = sheet.title or word("measure", language)
            page = book.add_worksheet(_named(title, names))
            _write(page, sheet, forms, bold)
        page = book.add_worksheet(_named(word("notes", language), names))
        page.set_column(0, 0, 110)
        for at, text in enumerate((*heading(report, language), "", *notes(language))):
            page.write_string(at, 0, text, bold if at == 0 else forms[Format.TEXT])
    return out.getvalue()


def _write(page: Any, sheet: Sheet, forms: dict[Format, Any], bold: Any) -> None:
    for at, column in enumerate(sheet.columns):
        wide = 60 if sheet.name == "decisions" and at else 30 if at == 0 else 14
        page.set_column(at, at, wide if sheet.name != "decisions" or at else 6)
        page.write_string(0, at, column.title, bold)
    page.freeze_panes(1, 0)
    for row, cells in enumerate(sheet.rows, start=1):
        for at, (value, column) in enumerate(zip(cells, sheet.columns, strict=True)):
            if isinstance(value, str):
                page.write_string(row, at, value, forms[Format.TEXT])
            elif value is not None:
                page.write_number(row, at, value, forms[column.format])


def _named(title: str, names: set[str]) -> str:
    """A sheet name that spreadsheets take: 31 characters, no brackets or slashes, once."""
    clean = "".join(" " if char in "[]:*?/\\" else char for char in title)[:28].strip() or "-"
    name, number = clean, 2
    while name.lower() in names:
        name, number = f"{clean} {number}", number + 1
    names.add(name.lower())
    return name
