"""`qa report`: the management report of a month as PDF or XLSX."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.output import note

if TYPE_CHECKING:
    from qa.reports.report import Report
    from qa.store import Store


def register(app: typer.Typer) -> None:
    """Add the command to `qa`."""
    app.command()(report)


def report(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="FILE.pdf or FILE.xlsx.")],
    *,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
) -> None:
    """Write the management report of a month (管理月报)."""
    from qa.access import SYSTEM  # noqa: PLC0415
    from qa.errors import SettingsError  # noqa: PLC0415
    from qa.reports.pdf import to_pdf  # noqa: PLC0415
    from qa.reports.workbook import to_xlsx  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415

    made = {".pdf": to_pdf, ".xlsx": to_xlsx}.get(output.suffix.lower())
    if made is None:
        raise SettingsError("no report in this format", str(output), "name it .pdf or .xlsx")
    url = store or os.environ.get("QA_STORE", "") or load_settings().store
    with connect(url) as opened:
        opened.require_current()
        found = _read(opened, month)
        content = made(found, language)
        opened.audit.record(
            SYSTEM.user_id,
            "export",
            kind="report",
            subject=month,
            detail={"format": output.suffix[1:].lower(), "language": language},
        )
    output.write_bytes(content)
    note(f"{output}: {month}, {found.calls} calls, {len(found.decisions)} decisions asked for")


def _read(opened: Store, month: str) -> Report:
    from datetime import UTC, datetime  # noqa: PLC0415

    from qa.access import SYSTEM  # noqa: PLC0415
    from qa.reports.reading import monthly_report  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from scoring.reasons import site_reasons  # noqa: PLC0415

    settings = load_settings()
    return monthly_report(
        opened,
        SYSTEM,
        month,
        timezone=settings.timezone,
        now=datetime.now(UTC),
        reasons={item.id: item.title for item in site_reasons(settings.insight.reasons)},
    )
