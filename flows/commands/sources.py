"""`qa source`: look at a recording source before anything runs."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.output import print_json, print_table

group = typer.Typer(no_args_is_help=True, help="Recording sources: folders, manifests, URLs.")

#: Columns that fit a terminal; `--json` has them all.
_SHOWN = (
    *("status", "file", "call_id", "agent_id", "team", "queue", "started_at", "direction"),
    *("layout", "language", "problem", "remedy"),
)


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="source")


@group.command()
def preview(
    source: Annotated[str, typer.Argument(help="Folder or fsspec URL.")],
    manifest: Annotated[str, typer.Option(help="Manifest inside the source.")] = "",
    pattern: Annotated[str, typer.Option(help="File-name regex with named groups.")] = "",
    limit: Annotated[int, typer.Option(help="Rows to show.")] = 50,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show what would be parsed from a source; nothing is read into the store."""
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.sources import preview as preview_rows  # noqa: PLC0415
    from qa.sources import source_options  # noqa: PLC0415

    options = source_options(load_settings(), manifest=manifest, pattern=pattern)
    rows = list(preview_rows(source, options, limit=limit))
    if json:
        print_json(rows)
        return
    used = [name for name in _SHOWN if any(row[name] for row in rows)]
    for row in rows:
        row["file"] = str(row["file"]).rsplit("/", 1)[-1]
    print_table(f"{source}", used, [[row[name] for name in used] for row in rows])
