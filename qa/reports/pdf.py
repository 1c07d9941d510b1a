"""A report as PDF. Figures reach the typesetter as data, so that nothing in them is markup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from qa.errors import SettingsError
from qa.reports.report import Report
from qa.reports.sheets import Format, Sheet, heading, notes, sheets, written
from qa.reports.words import word

_TEMPLATE = Path(__file__).with_name("report.typ")
#: Tried in this order; Chinese needs one of the first two on the machine.
FONTS = ("Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei", "Libertinus Serif")


def to_pdf(report: Report, language: str) -> bytes:
    """The report as PDF in `zh` or `en`.

    Raises:
        SettingsError: The language is neither, or typst is not installed.
    """
    try:
        import typst  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise SettingsError(
            "PDF needs typst", "report", "pip install 'call-quality[reports]'"
        ) from error
    title, subtitle = heading(report, language)
    data = {
        "title": title,
        "subtitle": subtitle,
        "language": language,
        "fonts": list(FONTS),
        "page": word("page", language, page="{page}", pages="{pages}"),
        "none": word("none", language),
        "empty": "" if report.calls else word("empty", language),
        "no_decisions": word("no_decisions", language),
        "notes_title": word("notes", language),
        "notes": list(notes(language)),
        "sheets": [
            _plain(_joined(sheet, word("interval", language))) for sheet in sheets(report, language)
        ],
    }
    made: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
    )
    return made


def _joined(sheet: Sheet, title: str) -> Sheet:
    """Bounds in one column, for paper is narrow."""
    starts = [at for at, column in enumerate(sheet.columns) if column.joined]
    ends = {at + 1 for at in starts}
    columns = [
        replace(column, title=title if at in starts else column.title)
        for at, column in enumerate(sheet.columns)
        if at not in ends
    ]
    rows = []
    for row in sheet.rows:
        cells = list(row)
        for at in starts:
            low, high = (written(cell, sheet.columns[at].format) for cell in row[at : at + 2])
            signed = sheet.columns[at].format is Format.CHANGE
            between = " … " if signed else "–"  # a dash beside signs reads like one of them
            cells[at] = "–" if row[at] is None else f"{low.rstrip('%')}{between}{high}"
        rows.append(tuple(cell for at, cell in enumerate(cells) if at not in ends))
    return replace(sheet, columns=tuple(columns), rows=tuple(rows))


def _plain(sheet: Sheet) -> dict[str, object]:
    bars = [at for at, column in enumerate(sheet.columns) if column.bar]
    tops = [max((float(row[at] or 0) for row in sheet.rows), default=0.0) for at in bars]
    return {
        "name": sheet.name,
        "title": sheet.title,
        "columns": [
            {
                "title": column.title,
                "number": column.format is not Format.TEXT,
                "wide": column.joined,
            }
            for column in sheet.columns
        ],
        "rows": [
            [written(cell, column.format) for cell, column in zip(row, sheet.columns, strict=True)]
            for row in sheet.rows
        ],
        "bars": [
            [float(row[at] or 0) / float(top or 1) for at, top in zip(bars, tops, strict=True)]
            for row in sheet.rows
        ],
    }
