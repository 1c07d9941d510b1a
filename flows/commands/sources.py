"""`qa source`: look at a recording source before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import print_json, print_table

group = typer.Typer(no_args_is_help=True, help="Recording sources: folders, manifests, URLs.")


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="source")


@group.command()
def preview(
    source: Annotated[str, typer.Argument(help="Folder or fsspec URL.")],
    manifest: Annotated[Path | None, typer.Option(help="CSV or JSONL manifest.")] = None,
    pattern: Annotated[str, typer.Option(help="File-name regex with named groups.")] = "",
    limit: Annotated[int, typer.Option(help="Rows to show.")] = 50,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show what would be parsed from a source; nothing is read into the store."""
    from flows.night import source_options  # noqa: PLC0415
    from qa.sources import preview as preview_rows  # noqa: PLC0415

    rows = preview_rows(source, source_options(manifest=manifest, pattern=pattern))[:limit]
    if json:
        print_json(rows)
        return
    columns = sorted({key for row in rows for key in row}, key=_column_order)
    print_table(f"{source}", columns, [[row.get(name) for name in columns] for row in rows])


_FIRST = ("state", "file", "call_id", "agent_id", "team", "queue", "started_at", "language")


def _column_order(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)
