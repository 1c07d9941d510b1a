"""How commands print: JSON for programs on stdout, tables for people, errors on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer

from qa.errors import QaError


def print_json(data: Any) -> None:
    """One JSON document on stdout, UTF-8, keys in the order given."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def print_json_line(data: Any) -> None:
    """One JSON object on one line of stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table for people; wide characters are aligned, None is shown as a dash.

    Title and columns may be JSON keys or English: people read them in the site's language.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from flows.headings import in_words  # noqa: PLC0415

    table = Table(title=in_words(title), title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(in_words(column), overflow="fold")
    for row in rows:
        # Text, not markup: names and transcripts may contain square brackets
        table.add_row(*(Text("–" if cell is None else str(cell)) for cell in row))
    # a pipe has no width: give it enough that nothing is folded away
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def note(message: str) -> None:
    """A line for the person at the terminal, on stderr so that stdout stays clean."""
    typer.echo(message, err=True)


def report_error(error: QaError) -> None:
    """Print an error as people need it: what, where, what to do."""
    where = f" [{error.place}]" if error.place else ""
    note(f"error{where}: {error.message}")
    if error.remedy:
        note(f"  what to do: {error.remedy}")
    if os.environ.get("QA_TRACEBACK"):
        raise error
