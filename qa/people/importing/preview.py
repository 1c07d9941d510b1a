"""What a file would bring: good rows, and for every bad one its line, fault and remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from qa.errors import SettingsError
from qa.people.importing.kinds import KINDS, Field, ImportKind, folded
from qa.people.importing.reading import Sheet, read_sheet

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """What is wrong with a row. A warning (`kept`) does not keep the row out.

    Attributes:
        line: As a spreadsheet numbers its rows.
        column: Name in the file, or of the field.
        code: `missing`, `value`, `future`, `unknown_agent`, `unknown_call`, `duplicate`,
            `conflict` or `overlap`.
    """

    line: int
    column: str
    code: str
    message: str
    remedy: str
    kept: bool = False

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.message} -> {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows already.

    Attributes:
        agents: Ids on the roster or in calls.
        calls: Ids of calls, those named by the file are enough.
        roster: (agent, valid_from) → valid_to of stored roster rows.
        today: Days after this one are in the future.
    """

    agents: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    roster: Mapping[tuple[str, date], date | None] = field(default_factory=dict)
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A file, read and checked; nothing is stored yet.

    Attributes:
        mapping: Field → column of the file.
        unused: Columns of the file that mean nothing here.
        rows: Values by field, ready to be stored.
        errors: Rows refused and warnings, by line.
        sha256: Of the file.
    """

    kind: ImportKind
    file_name: str
    sha256: str
    encoding: str
    header: tuple[str, ...]
    mapping: Mapping[str, str]
    unused: tuple[str, ...]
    rows: tuple[Row, ...]
    errors: tuple[RowError, ...]

    @property
    def refused(self) -> int:
        """How many rows are kept out."""
        return len({error.line for error in self.errors if not error.kept})


def map_columns(
    kind: ImportKind, header: Iterable[str], chosen: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Field → column: as chosen, else by the names people use in Chinese and English.

    Raises:
        SettingsError: A chosen field or column does not exist.
    """
    columns = list(header)
    mapping: dict[str, str] = {}
    for name, column in (chosen or {}).items():
        if name not in {item.name for item in kind.fields} or column not in columns:
            raise SettingsError(
                f"{name}={column} maps nothing",
                "--map",
                f"fields: {', '.join(f.name for f in kind.fields)}; columns: {', '.join(columns)}",
            )
        mapping[name] = column
    for item in kind.fields:
        if item.name in mapping:
            continue
        free = [c for c in columns if c not in mapping.values() and folded(c) in item.aliases]
        if free:
            mapping[item.name] = free[0]
    return mapping


def read_import(
    kind_id: str,
    data: bytes,
    file_name: str,
    known: Known,
    *,
    mapping: Mapping[str, str] | None = None,
) -> Preview:
    """Read and check a file.

    Args:
        kind_id: Key of `KINDS`.
        data: The file.
        file_name: For messages.
        known: What rows are checked against.
        mapping: Field → column where the names do not say it.

    Raises:
        SourceError: The file is no table of this kind.
        SettingsError: `mapping` names what is not there.
    """
    kind = KINDS[kind_id]
    sheet = read_sheet(data, file_name, kind)
    columns = map_columns(kind, sheet.header, mapping)
    check = _Check(kind, columns, known)
    check.columns()
    for line, cells in sheet.rows:
        check.row(line, sheet, cells)
    return Preview(
        kind=kind,
        file_name=file_name,
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=sheet.encoding,
        header=sheet.header,
        mapping=columns,
        unused=tuple(c for c in sheet.header if c and c not in columns.values()),
        rows=tuple(check.rows.values()),
        errors=tuple(check.errors),
    )


class _Check:
    """Collects good rows and errors of one file."""

    def __init__(self, kind: ImportKind, mapping: Mapping[str, str], known: Known) -> None:
        self.kind, self.mapping, self.known = kind, mapping, known
        self.rows: dict[tuple[Any, ...], Row] = {}
        self.errors: list[RowError] = []
        self._raters: dict[tuple[Any, ...], int] = {}
        self._spans: dict[str, list[tuple[date, date | None]]] = {}
        for (agent, start), end in known.roster.items():
            self._spans.setdefault(agent, []).append((start, end))

    def columns(self) -> None:
        """A required column that is missing is one error, not one per row."""
        for item in self.kind.fields:
            if item.required and item.name not in self.mapping:
                self._say(1, item.title.en, "missing", f"column {item.name} ({item.title.zh}) is "
                          "missing", f"add it, or map it: --map {item.name}=COLUMN")  # fmt: skip

    def row(self, line: int, sheet: Sheet, cells: tuple[object, ...]) -> None:
        """Check one row; keep it when nothing is wrong."""
        before = len(self.errors)
        places = {name: sheet.header.index(column) for name, column in self.mapping.items()}
        values: Row = {}
        for item in self.kind.fields:
            at = places.get(item.name)
            cell = cells[at] if at is not None and at < len(cells) else None
            values[item.name] = self._cell(line, item, cell)
        if len(self.errors) == before:
            self._facts(line, values)
        if all(error.kept for error in self.errors[before:]):
            self._keep(line, values)

    def _cell(self, line: int, item: Field, cell: object) -> object:
        shown = self.mapping.get(item.name, item.name)
        try:
            value = item.parse(cell)
        except ValueError as error:
            self._say(line, shown, "value", str(error), "correct the cell")
            return None
        empty = value is None or value == ""
        if item.required and item.name in self.mapping and (empty or _blank(cell)):
            self._say(line, shown, "missing", "the cell is empty", "fill it in, or drop the row")
        return value

    def _facts(self, line: int, values: Row) -> None:
        kind, known = self.kind, self.known
        if any(field.required and field.name not in self.mapping for field in kind.fields):
            self._say(line, "", "missing", "a required column is missing", "see line 1")
            return
        when = values.get(kind.day) if kind.day else None
        day = when.date() if isinstance(when, datetime) else when
        if day is not None and day > known.today:
            self._say(line, kind.day, "future", f"{day} lies in the future", "correct the date")
        agent = values.get(kind.agent, "") if kind.agent else ""
        if agent and agent not in known.agents:
            self._say(
                line, kind.agent, "unknown_agent", f"nobody knows agent {agent!r}",
                "import the roster first, or correct the id",
            )  # fmt: skip
        call = values.get("call_id", "")
        if call and call not in known.calls:
            self._say(
                line, "call_id", "unknown_call", f"call {call!r} is not here (yet)",
                "kept; it counts as soon as the call has been scored", kept=True,
            )  # fmt: skip
        if kind.id == "roster":
            self._roster(line, values)

    def _roster(self, line: int, values: Row) -> None:
        start, end = values["valid_from"], values["valid_to"]
        if end is not None and end <= start:
            self._say(line, "valid_to", "value", "valid_to is not after valid_from",
                      "correct one of them")  # fmt: skip
            return
        spans = self._spans.setdefault(values["agent_id"], [])
        for other, until in spans:
            if other != start and _overlap((start, end), (other, until)):
                self._say(
                    line, "valid_from", "overlap",
                    f"{values['agent_id']} is in another team from {other} to {until or 'now'}",
                    "end the older row on the day of the move (valid_to), then import again",
                )  # fmt: skip
                return
        spans[:] = [span for span in spans if span[0] != start] + [(start, end)]

    def _keep(self, line: int, values: Row) -> None:
        if self.kind.id == "ratings":
            values = self._rater(values)
        key = tuple(values[name] for name in self.kind.keys)
        other = self.rows.get(key)
        if other is None:
            self.rows[key] = values
        elif other == values:
            self._say(line, "", "duplicate", "the same row stands twice", "counted once", kept=True)
        else:
            self._say(line, "", "conflict", "another row of this file says something different",
                      "keep one of them")  # fmt: skip

    def _rater(self, values: Row) -> Row:
        """Raters become pseudonyms, or numbers where the file does not tell them apart."""
        if values["rater"]:
            word = f"{values['agent_id']}|{values['period']}|{values['rater']}"
            return values | {"rater": hashlib.sha256(word.encode()).hexdigest()[:12]}
        same = tuple(values[n] for n in ("agent_id", "period", "rater_role", "item"))
        self._raters[same] = self._raters.get(same, 0) + 1
        return values | {"rater": str(self._raters[same])}

    def _say(
        self, line: int, column: str, code: str, message: str, remedy: str, *, kept: bool = False
    ) -> None:  # fmt: skip
        self.errors.append(
            RowError(line=line, column=column, code=code, message=message, remedy=remedy, kept=kept)
        )


def _blank(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _overlap(a: tuple[date, date | None], b: tuple[date, date | None]) -> bool:
    return a[0] < (b[1] or date.max) and b[0] < (a[1] or date.max)
