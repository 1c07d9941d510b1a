"""`qa audit`: the chain of what people did."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from flows.output import note, print_json, print_json_line

if TYPE_CHECKING:
    from qa.store import Store

audit = typer.Typer(no_args_is_help=True, help="What people did, as a hash chain.")
_Store = Annotated[str, typer.Option(help="Store URL.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.add_typer(audit, name="audit")


@audit.command()
def verify(
    *,
    head: Annotated[str, typer.Option(help="NUMBER:HASH noted earlier elsewhere.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
    store: _Store = "",
) -> None:
    """Check every event; exit code 1 when any was changed, dropped or cut off."""
    from qa.audit import parse_head  # noqa: PLC0415

    with _open(store) as opened:
        found = opened.audit.verify(parse_head(head) if head else None)
        count, last = opened.audit.count(), opened.audit.head()
    if as_json:
        print_json({"events": count, "head": str(last), "breaks": [asdict(one) for one in found]})
    else:
        note(f"{count} events, {len(found)} breaks")
        for one in found:
            note(f"  event {one.sequence}: {one.what}")
        typer.echo(str(last))
    if found:
        raise typer.Exit(1)


@audit.command()
def export(
    *,
    since: Annotated[datetime | None, typer.Option(help="From this day on (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this day (UTC).")] = None,
    user: Annotated[list[str] | None, typer.Option(help="Only of these accounts.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV instead of JSON lines.")] = False,
    store: _Store = "",
) -> None:
    """Write events to stdout, oldest first; the export itself is an event."""
    from flows.commands.users import typist  # noqa: PLC0415
    from qa.audit import AuditAction, AuditEvent  # noqa: PLC0415
    from qa.spreadsheets import safe_cell  # noqa: PLC0415
    from qa.store.audit import AuditFilter  # noqa: PLC0415

    wanted = AuditFilter(
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        user_ids=tuple(user or ()),
    )
    with _open(store) as opened:
        rows = opened.audit.frame(wanted).to_dict("records")
        opened.audit.record(
            typist(), AuditAction.EXPORT, kind="audit", detail={"events": len(rows)}
        )
    if not as_csv:
        for row in rows:
            print_json_line(row)
        return
    writer = csv.writer(sys.stdout)
    writer.writerow(AuditEvent.__slots__)
    writer.writerows([safe_cell(str(row[name])) for name in AuditEvent.__slots__] for row in rows)


def _open(store: str) -> Store:
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    return connect(store or load_settings().store, upgrade=True)
