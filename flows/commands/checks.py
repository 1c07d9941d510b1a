"""`qa check …`: measure recognition, sentiment and privacy on labelled data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import print_json, print_table

group = typer.Typer(no_args_is_help=True, help="Measure the system on labelled data.")


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(group, name="check")


@group.command()
def sentiment(
    file: Annotated[Path, typer.Argument(help="CSV: language, source, label, text.")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Accuracy, macro-F1 and calibration of customer sentiment, per source."""
    from qa.settings import load_settings  # noqa: PLC0415
    from scoring.check_sentiment import check_sentiment  # noqa: PLC0415

    rows = check_sentiment(file, load_settings().sentiment)
    if json:
        print_json(rows)
        return
    print_table(f"{file}", list(rows[0]), [list(row.values()) for row in rows])


@group.command()
def speech(
    references: Annotated[Path, typer.Argument(help="TSV or folder with references.")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """CER, WER, DER, role accuracy and real-time factor on labelled recordings."""
    from flows.speechcheck import run_check, show_check  # noqa: PLC0415

    report = run_check(references)
    if json:
        print_json(report)
    else:
        show_check(report)
