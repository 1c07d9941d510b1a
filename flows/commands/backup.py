"""`qa backup`, `qa restore`, `qa db copy`: keep a site, bring it back, move it up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.commands.site import db
from flows.output import note, print_json, print_table


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(backup)
    app.command()(restore)
    db.command(name="copy")(copy)


def backup(
    target: Annotated[Path, typer.Argument(help="The archive to make, for instance site.tar.")],
    *,
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
    audio: Annotated[bool, typer.Option(help="Local recordings too.")] = False,
) -> None:
    """Write store, settings, scorecards, key and the list of models into one archive."""
    from flows.backup import back_up  # noqa: PLC0415

    manifest = back_up(target, store=store, audio=audio)
    rows = sum(table["rows"] for table in manifest["tables"])
    note(f"{target}: {rows} rows, {len(manifest['files'])} files. It holds personal data and keys.")


def restore(
    archive: Annotated[Path, typer.Argument(help="What `qa backup` wrote.")],
    *,
    store: Annotated[str, typer.Option(help="URL of an empty store.")] = "",
    home: Annotated[Path | None, typer.Option(help="Where files go; default: data home.")] = None,
    verify: Annotated[bool, typer.Option(help="Only check the archive; change nothing.")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Bring an archive back into an empty place, every file and table verified."""
    from flows import backup as backups  # noqa: PLC0415

    if verify:
        manifest = backups.verify(archive)
        tables = len(manifest["tables"])
        note(f"{archive}: whole; {tables} tables, {len(manifest['files'])} files")
        return
    found = backups.restore(archive, store=store, home=home)
    if json:
        print_json(found)
        return
    note(f"{found['store']}: {sum(table['rows'] for table in found['tables'])} rows are back")


def copy(
    source: Annotated[str, typer.Argument(help="Store URL, for instance sqlite:///store.db.")],
    target: Annotated[str, typer.Argument(help="URL of an empty store.")],
    *,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Copy a whole store into an empty database, and compare every table afterwards."""
    from flows.backup import copy_between  # noqa: PLC0415

    tables = copy_between(source, target)
    if json:
        print_json(tables)
        return
    rows = [list(table.values()) for table in tables if table["rows"]]
    print_table("Copied and compared", ["table", "rows", "digest"], rows)
