"""`qa scorecard`, `qa phrases`, `qa explain`: the service standard as data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import print_json_line

group = typer.Typer(no_args_is_help=True, help="Scorecards: list, lint, test, replay.")
phrases = typer.Typer(no_args_is_help=True, help="Phrase banks: see what hits.")


def register(app: typer.Typer) -> None:
    """Add the groups and commands to `qa`."""
    app.add_typer(group, name="scorecard")
    app.add_typer(phrases, name="phrases")


@phrases.command()
def match(
    file: Annotated[
        Path, typer.Argument(help='JSONL: {"id","language","side","text"}; - = stdin.')
    ],
) -> None:
    """Print every bank hit of each line as JSON, one line out per line in."""
    from flows.phrases import match_file  # noqa: PLC0415

    for row in match_file(file):
        print_json_line(row)
