"""`qa roster`: who was in which team when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import note


def register(app: typer.Typer) -> None:
    """Add the command to `qa`."""
    app.command()(roster)


def roster(
    file: Annotated[Path, typer.Argument(help="CSV: agent_id, valid_from, valid_to, name, team.")],
    *,
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
) -> None:
    """Import the roster. Importing it again changes nothing; exit code 1 when rows are wrong."""
    from qa.people.roster import read_roster  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    agents, errors = read_roster(file)
    with connect(store or load_settings().store, upgrade=True) as opened:
        opened.roster.save(agents)
    note(f"{file}: {len(agents)} rows imported, {len(errors)} refused")
    for error in errors:
        note(f"  {error}")
    if errors:
        raise typer.Exit(1)
