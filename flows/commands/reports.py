"""`qa report`: the management report of a month or week as PDF or XLSX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import note


def register(app: typer.Typer) -> None:
    """Add the command to `qa`."""
    app.command()(report)


def report(
    period: Annotated[
        str, typer.Argument(help="YYYY-MM or YYYY-Www; none: what the schedule finds due.")
    ] = "",
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="FILE.pdf or FILE.xlsx.")
    ] = None,
    language: Annotated[str, typer.Option(help="zh or en, of the file named.")] = "zh",
    send: Annotated[bool, typer.Option(help="Mail it to those whom [reports] names.")] = False,
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
) -> None:
    """Write the management report of a month or week (管理月报、周报).

    Without --output the files go where [reports] of qa.toml says, in its languages and formats.
    """
    from flows import reporting  # noqa: PLC0415
    from flows.site import open_site, site_ref  # noqa: PLC0415

    site = open_site(site_ref(store=store))
    if not period:
        written = reporting.write_due(site)
        note("\n".join(map(str, written)) or "no report is due")
        return
    found = reporting.read_report(site, period)
    files = (
        [reporting.save_report(site, found, output, language)]
        if output
        else reporting.write_report(site, found)
    )
    if send:
        reporting.send_report(site, found, files)
    asked = len(found.decisions)
    for file in files:
        note(f"{file}: {period}, {found.calls} calls, {asked} decisions asked for")
