"""Files into tables of cells: CSV in whatever encoding, or XLSX; the header row is found."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from qa.errors import SourceError
from qa.people.importing.kinds import ImportKind, folded

#: A title or two may stand over the header.
_HEADER_ROWS = 10
#: A file with more rows is cut in two by whoever exports it.
MOST_ROWS = 1_000_000
#: Unpacked size over which a small file is an attack, not a spreadsheet.
_MOST_BYTES = 1 << 30
#: In the order they are tried; a decoding that raises is out, the best header wins.
_ENCODINGS = ("utf-8-sig", "gb18030", "big5", "cp1252")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table.

    Attributes:
        header: Column names as they stand in the file.
        rows: Line number (1-based, as a spreadsheet shows it) and cells.
        encoding: How it was read; `xlsx` for spreadsheets.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[object, ...]], ...]
    encoding: str


def read_sheet(data: bytes, file_name: str, kind: ImportKind) -> Sheet:
    """Read a file for a kind of import; the row with most known column names is the header.

    Raises:
        SourceError: It is no table, is too large, or no row looks like a header.
    """
    if data[:4] == b"PK\x03\x04":
        return _sheet(_xlsx(data, file_name), "xlsx", kind, file_name)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise SourceError(
            "old .xls workbooks are not read", file_name, "save it as .xlsx or CSV and try again"
        )
    found = [_sheet(_csv(text), name, kind, "") for name, text in _decodings(data)]
    if not found:
        raise SourceError("this is no text", file_name, "save it as CSV (UTF-8) or .xlsx")
    best = max(found, key=lambda sheet: _known(sheet.header, kind))
    if not _known(best.header, kind):
        raise _no_header(kind, file_name)
    if len(best.rows) > MOST_ROWS:
        raise SourceError(f"more than {MOST_ROWS:,} rows", file_name, "import it in parts")
    return best


def _decodings(data: bytes) -> Iterator[tuple[str, str]]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield "utf-16", data.decode("utf-16", errors="replace")
        return
    for encoding in _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            continue
        yield encoding, text
        if encoding == "utf-8-sig":  # what is valid UTF-8 is UTF-8
            return


def _csv(text: str) -> list[tuple[int, tuple[object, ...]]]:
    head = "\n".join(text.splitlines()[:_HEADER_ROWS])
    delimiter = max(",;\t|，", key=head.count)
    csv.field_size_limit(1 << 20)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, tuple[object, ...]]] = []
    try:
        for row in islice(reader, MOST_ROWS + _HEADER_ROWS + 1):
            rows.append((reader.line_num, tuple(row)))  # noqa: PERF401  (a fault keeps the rest)
    except csv.Error:
        return rows
    return rows


def _xlsx(data: bytes, file_name: str) -> list[tuple[int, tuple[object, ...]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        rows = _cells(data) if unpacked <= _MOST_BYTES else None
    except Exception as error:
        raise SourceError(
            "the workbook cannot be read", file_name, "save it again as .xlsx, or as CSV"
        ) from error
    if rows is None:
        raise SourceError("the workbook is too large", file_name, "import it in parts")
    return rows


def _cells(data: bytes) -> list[tuple[int, tuple[object, ...]]]:
    from openpyxl import load_workbook  # noqa: PLC0415  (only for spreadsheets)

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    rows = islice(book.worksheets[0].iter_rows(values_only=True), MOST_ROWS + _HEADER_ROWS + 1)
    found = [(line, tuple(row)) for line, row in enumerate(rows, start=1)]
    book.close()
    return found


def _sheet(
    rows: Sequence[tuple[int, tuple[object, ...]]], encoding: str, kind: ImportKind, file_name: str
) -> Sheet:
    heads = rows[:_HEADER_ROWS]
    best = max(range(len(heads)), key=lambda at: (_known(heads[at][1], kind), -at), default=None)
    if best is None or (file_name and not _known(heads[best][1], kind)):
        if file_name:
            raise _no_header(kind, file_name)
        return Sheet(header=(), rows=(), encoding=encoding)
    body = tuple(
        (line, cells)
        for line, cells in rows[best + 1 :]
        if any(cell is not None and str(cell).strip() for cell in cells)
    )
    header = tuple("" if cell is None else str(cell).strip() for cell in heads[best][1])
    return Sheet(header=header, rows=body, encoding=encoding)


def _known(cells: Sequence[object], kind: ImportKind) -> int:
    names = {folded(cell) for cell in cells}
    return sum(bool(names & set(field.aliases)) for field in kind.fields)


def _no_header(kind: ImportKind, file_name: str) -> SourceError:
    wanted = ", ".join(f"{f.name} ({f.title.zh})" for f in kind.fields if f.required)
    return SourceError(
        "no row names the columns", file_name, f"the first row names at least: {wanted}"
    )
