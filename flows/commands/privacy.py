"""`qa redact` and `qa check privacy`: find personal data, and measure how well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import checks
from flows.output import print_json, print_json_line, print_table


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(redact)
    checks.group.command("privacy")(check_privacy)


def redact(
    *,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Remove personal data from lines on stdin: plain text, or JSON with "text" (and "language").

    With --json: {"text": redacted, "spans": [{"type", "start", "end", "score"}]}; offsets refer
    to the text that was given.
    """
    from flows.redact import redact_lines  # noqa: PLC0415

    for result in redact_lines(sys.stdin):
        if json:
            print_json_line(result)
        else:
            sys.stdout.write(result["text"] + "\n")


def check_privacy(
    file: Annotated[Path, typer.Argument(help="Labelled JSON or JSON lines.", exists=True)],
    *,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Recall and precision by type, and the share of digit strings (six or more) made unreadable.

    JSON: types [{type, true, found, recall, covered, precision}], digit_strings {true, recall}.
    """
    from qa.privacy.check import check_privacy as measure  # noqa: PLC0415
    from qa.privacy.check import load_labelled  # noqa: PLC0415

    report = measure(load_labelled(file))
    if json:
        print_json(report)
        return
    rows = report["types"]
    columns = ("type", "true", "found", "recall", "covered", "precision")
    print_table(str(file), columns, [[row[name] for name in columns] for row in rows])
    digits = report["digit_strings"]
    print_table(
        "digit strings: no more than 3 consecutive true digits remain",
        ("true", "recall"),
        [[digits["true"], digits["recall"]]],
    )
