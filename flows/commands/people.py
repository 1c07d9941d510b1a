"""`qa people`: the roster and other files about people, and their figures; `qa roster`."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.output import note, print_json, print_table

if TYPE_CHECKING:
    from qa.people.importing import Preview
    from qa.store import Store

_StoreOption = Annotated[str, typer.Option(help="Store URL.")]
_SHOWN = 20

people = typer.Typer(no_args_is_help=True, help="Roster, attendance, CSAT and other people data.")


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(roster)
    app.add_typer(people, name="people")


def roster(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: agent_id, valid_from, name, team …")],
    *,
    store: _StoreOption = "",
) -> None:
    """Import the roster. Importing it again changes nothing; exit code 1 when rows are wrong."""
    import_("roster", file, store=store)


@people.command(name="import")
def import_(
    kind: Annotated[
        str, typer.Argument(help="roster, attendance, csat, crm, calls, training, ratings.")
    ],
    file: Annotated[Path, typer.Argument(help="CSV (any common encoding) or XLSX.")],
    *,
    column: Annotated[
        list[str] | None, typer.Option("--map", help="FIELD=COLUMN where names do not say it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only.")] = False,
    store: _StoreOption = "",
) -> None:
    """Import a file about people. Again changes nothing; exit code 1 when rows are refused."""
    from qa.access import SYSTEM  # noqa: PLC0415

    with _open(store) as opened:
        preview = _read(opened, kind, file, column or ())
        new, changed, same = opened.imports.compare(preview)
        verb = "would import" if dry_run else "imported"
        batch = None if dry_run else opened.imports.apply(SYSTEM, preview)
    name = f", batch {batch.id}" if batch is not None and batch.id else ""
    note(
        f"{file}: {verb} {new} new, {changed} changed, {same} unchanged; "
        f"{preview.refused} rows refused{name} ({preview.encoding})"
    )
    for error in preview.errors[:_SHOWN]:
        note(f"  {'note, ' if error.kept else ''}{error}")
    if len(preview.errors) > _SHOWN:
        note(f"  … and {len(preview.errors) - _SHOWN} more")
    if preview.refused or any(not error.kept for error in preview.errors):
        raise typer.Exit(1)


@people.command(name="import-all")
def import_all(
    folder: Annotated[Path, typer.Argument(help="Folder with attendance.csv, csat.xlsx …")],
    *,
    store: _StoreOption = "",
) -> None:
    """Import every file of a folder that is named after its kind, rosters first."""
    from qa.errors import SourceError  # noqa: PLC0415
    from qa.people.importing import KINDS  # noqa: PLC0415

    found = [
        (kind, file)
        for kind in KINDS
        for file in sorted(folder.glob(f"{kind}.*"))
        if file.suffix.lower() in (".csv", ".xlsx")
    ]
    if not found:
        names = ", ".join(f"{kind}.csv" for kind in KINDS)
        raise SourceError("no file of people data", str(folder), f"name them {names}")
    failed = False
    for kind, file in found:
        try:
            import_(kind, file, store=store)
        except typer.Exit:  # its rows were listed; the other files are taken in all the same
            failed = True
    if failed:
        raise typer.Exit(1)


@people.command()
def period(
    name: Annotated[str, typer.Argument(help="2026-09, 2026-Q3 or 2026.")],
    *,
    store: _StoreOption = "",
) -> None:
    """Open an appraisal period; one that is there already is left as it is."""
    from qa.access import SYSTEM  # noqa: PLC0415
    from qa.errors import SettingsError  # noqa: PLC0415
    from qa.people.periods import days_of  # noqa: PLC0415

    try:
        since, until = days_of(name)
    except ValueError as error:
        raise SettingsError(str(error), "NAME", "write 2026-09, 2026-Q3 or 2026") from error
    with _open(store) as opened:
        if all(one.name != name for one in opened.appraisals.periods(SYSTEM)):
            opened.appraisals.open(SYSTEM, name, since, until)
    note(f"appraisal period {name}: {since} until {until}, not included")


@people.command()
def undo(
    batch: Annotated[int, typer.Argument(help="Number of the import, see `qa people batches`.")],
    *,
    store: _StoreOption = "",
) -> None:
    """Take an import back: what it brought goes, what it changed is again as before."""
    from qa.access import SYSTEM  # noqa: PLC0415

    with _open(store) as opened:
        undone = opened.imports.undo(SYSTEM, batch)
    note(f"batch {undone.id} ({undone.file_name}) is undone")


@people.command()
def batches(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    store: _StoreOption = "",
) -> None:
    """List imports, newest first."""
    from dataclasses import asdict  # noqa: PLC0415

    from qa.access import SYSTEM  # noqa: PLC0415

    with _open(store) as opened:
        found = [asdict(batch) for batch in opened.imports.batches(SYSTEM)]
    if as_json:
        print_json(found)
        return
    columns = ("id", "kind", "file_name", "inserted", "changed", "refused", "made_at", "undone_at")
    print_table("Imports", columns, [[row[name] for name in columns] for row in found])


@people.command()
def refresh(*, store: _StoreOption = "") -> None:
    """Bring the figures about people up to date; the night does it by itself."""
    from qa.access import SYSTEM  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415

    with _open(store) as opened:
        done = opened.people.refresh(SYSTEM, timezone=load_settings().timezone)
    note(f"{done.calls} calls taken in, {len(done.months)} months summed")


def _open(store: str) -> Store:
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    return connect(store or os.environ.get("QA_STORE", "") or load_settings().store, upgrade=True)


def _read(opened: Store, kind: str, file: Path, columns: list[str] | tuple[()]) -> Preview:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from qa.errors import SettingsError, SourceError  # noqa: PLC0415
    from qa.people.importing import KINDS, read_import  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415

    if kind not in KINDS:
        raise SettingsError(f"{kind!r} is no kind of import", "KIND", f"one of {', '.join(KINDS)}")
    pairs = [pair.partition("=") for pair in columns]
    if wrong := [left for left, equals, right in pairs if not equals or not right]:
        raise SettingsError(f"{wrong[0]!r} maps nothing", "--map", "write FIELD=COLUMN")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise SourceError(
            f"cannot be read ({error.strerror})", str(file), "check the path and its rights"
        ) from error
    today = datetime.now(ZoneInfo(load_settings().timezone)).date()
    known = opened.imports.known(kind, today)
    mapping = {left.strip(): right.strip() for left, _, right in pairs}
    return read_import(kind, data, file.name, known, mapping=mapping)
