"""`qa insight`, `qa risks`, `qa commitments`, `qa alerts`: what calls say beside their score."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.output import note, print_json, print_table

insight = typer.Typer(no_args_is_help=True, help="Contact reasons, topics, one call in a glance.")
risks = typer.Typer(no_args_is_help=True, help="The risk queue: list, take, resolve.")
commitments = typer.Typer(no_args_is_help=True, help="The commitments ledger: list, import.")
alerts = typer.Typer(no_args_is_help=True, help="Messages about new risks.")

StoreUrl = Annotated[str, typer.Option(help="Store URL.")]
Json = Annotated[bool, typer.Option("--json")]
Csv = Annotated[bool, typer.Option("--csv", help="CSV on standard output.")]
Since = Annotated[datetime | None, typer.Option(help="Only calls since this date.")]
Language = Annotated[str, typer.Option(help="zh or en.")]


def register(app: typer.Typer) -> None:
    """Add the groups to `qa`."""
    app.add_typer(insight, name="insight")
    app.add_typer(risks, name="risks")
    app.add_typer(commitments, name="commitments")
    app.add_typer(alerts, name="alerts")


@insight.command("reasons")
def reasons(
    *,
    write: Annotated[Path | None, typer.Option(help="Write the taxonomy here, to edit.")] = None,
    json: Json = False,
) -> None:
    """The taxonomy of contact reasons in force; `--write FILE` copies the shipped one to edit."""
    from flows.insight_tables import reason_rows, write_reasons  # noqa: PLC0415

    if write is not None:
        write_reasons(write)
        note(f"{write}: edit it, then name it as insight.reasons in qa.toml")
        return
    _show(reason_rows(), "Contact reasons", json=json)


@insight.command()
def pareto(*, since: Since = None, store: StoreUrl = "", json: Json = False) -> None:
    """Why customers called: calls, share and running share per reason."""
    from flows.insight_tables import pareto_rows  # noqa: PLC0415

    _show(pareto_rows(store, since), "Contact reasons", json=json)


@insight.command()
def topics(
    *,
    again: Annotated[bool, typer.Option("--again", help="Look for topics now.")] = False,
    store: StoreUrl = "",
    json: Json = False,
) -> None:
    """Topics the taxonomy does not know yet."""
    from flows.insight_tables import find_again, topic_rows  # noqa: PLC0415

    if again:
        find_again(store)
    _show(topic_rows(store), "Topics", json=json)


@risks.command("list")
def list_risks(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Resolved ones too.")] = False,
    language: Language = "zh",
    store: StoreUrl = "",
    csv: Csv = False,
    json: Json = False,
) -> None:
    """The risk queue, gravest first."""
    from flows.insight_tables import risk_rows  # noqa: PLC0415

    _show(risk_rows(store, language=language, everything=all_), "Risks", csv=csv, json=json)


@risks.command()
def take(
    risk: Annotated[int, typer.Argument(help="Id from the list.")],
    *,
    comment: Annotated[str, typer.Option(help="A note.")] = "",
    store: StoreUrl = "",
) -> None:
    """Note that somebody is on it."""
    _change(risk, "taken", comment, store)


@risks.command()
def resolve(
    risk: Annotated[int, typer.Argument(help="Id from the list.")],
    *,
    comment: Annotated[str, typer.Option(help="How.")] = "",
    store: StoreUrl = "",
) -> None:
    """Close a risk."""
    _change(risk, "resolved", comment, store)


def _change(risk: int, state: str, comment: str, store: str) -> None:
    from flows.insight_tables import change_risk  # noqa: PLC0415

    change_risk(store, risk, state, comment)
    note(f"risk {risk}: {state}")


@commitments.command("list")
def list_commitments(
    *,
    open_: Annotated[bool, typer.Option("--open", help="Only what is still to be kept.")] = False,
    since: Since = None,
    store: StoreUrl = "",
    csv: Csv = False,
    json: Json = False,
) -> None:
    """Who promised what by when, by due time."""
    from flows.insight_tables import commitment_rows  # noqa: PLC0415

    rows = commitment_rows(store, since, open_only=open_)
    _show(rows, "Commitments", csv=csv, json=json)


@commitments.command("import")
def import_outcomes(
    file: Annotated[Path, typer.Argument(help="CSV: id, outcome (kept, broken), kept_at.")],
    *,
    store: StoreUrl = "",
) -> None:
    """Enter which promises were kept; exit code 1 when rows are wrong or unknown."""
    from flows.insight_tables import import_outcomes as enter  # noqa: PLC0415

    entered, problems = enter(store, file)
    note(f"{file}: {entered} outcomes entered, {len(problems)} refused")
    for problem in problems:
        note(f"  {problem}")
    if problems:
        raise typer.Exit(1)


@alerts.command()
def send(
    *,
    really: Annotated[
        bool, typer.Option("--send/--dry-run", help="Send; without it nothing leaves the machine.")
    ] = False,
    store: StoreUrl = "",
    json: Json = False,
) -> None:
    """One round of messages about new risks, as `[alerts]` of qa.toml says. Dry by default."""
    from flows.insight_tables import alert_round  # noqa: PLC0415

    found = alert_round(store, really=really)
    if json:
        print_json(found)
        return
    if not found:
        note("nothing is due, or no channel is configured (alerts.channels in qa.toml)")
        return
    _show([{k: v for k, v in row.items() if k != "body"} for row in found], "Messages", json=False)


def _show(rows: list[dict[str, Any]], title: str, *, json: bool = False, csv: bool = False) -> None:
    """Rows as JSON, CSV, or a table for people."""
    if json:
        print_json(rows)
        return
    columns = list(rows[0]) if rows else []
    if csv:
        import csv as files  # noqa: PLC0415

        from qa.spreadsheets import safe_cell  # noqa: PLC0415

        sheet = files.DictWriter(sys.stdout, columns)
        sheet.writeheader()
        sheet.writerows({name: safe_cell(cell) for name, cell in row.items()} for row in rows)
    elif rows:
        print_table(title, columns, [list(row.values()) for row in rows])
    else:
        note("nothing")
