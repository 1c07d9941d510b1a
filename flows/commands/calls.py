"""`qa calls`, `qa show`, `qa score`: look at calls and score transcripts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.output import print_json, print_json_line, print_table


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(calls)
    app.command()(show)
    app.command()(score)


def calls(
    *,
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
    agent: Annotated[str, typer.Option(help="Only this agent.")] = "",
    team: Annotated[str, typer.Option(help="Only this team.")] = "",
    queue: Annotated[str, typer.Option(help="Only this queue.")] = "",
    text: Annotated[str, typer.Option(help="Only calls in which this was said.")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 100,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List calls with their scores, newest first."""
    from flows.lookup import call_cells, find_calls  # noqa: PLC0415

    rows = find_calls(store, agent=agent, team=team, queue=queue, text=text, limit=limit)
    if json:
        print_json(rows)
        return
    columns = (
        *("call_id", "happened_at", "agent_id", "language", "duration_ms", "quality_percent"),
        *("band", "scored_by", "state", "finding_count", "review_count"),
    )
    print_table("Latest calls", columns, [call_cells(row, columns) for row in rows])


def show(
    call_id: Annotated[str, typer.Argument(help="Call id, as `qa calls` lists it.")],
    store: Annotated[str, typer.Option(help="Store URL.")] = "",
    language: Annotated[str, typer.Option(help="zh or en, for reasons.")] = "zh",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show one call: metadata, transcript, evaluation with evidence, problems."""
    from flows.lookup import call_document, print_call  # noqa: PLC0415

    document = call_document(store, call_id)
    if json:
        print_json(document)
    else:
        print_call(document, language)


def score(
    file: Annotated[Path, typer.Argument(help="JSON or JSONL with transcripts; - for stdin.")],
    scorecard: Annotated[str, typer.Option(help="Scorecard name or file.")] = "service-standard",
) -> None:
    """Score transcripts given as text; one JSON evaluation per line. Needs no audio, no torch.

    Input: {"call_id", "language", "turns": [{"role", "text", "start_ms", "end_ms"}]} — an object,
    a list of them, or one per line. A bad one becomes {"call_id", "error", "place", "remedy"}.
    """
    from flows.textscore import score_file  # noqa: PLC0415

    failed = 0
    for line in score_file(file, scorecard):
        failed += "error" in line
        print_json_line(line)
    if failed:
        raise typer.Exit(1)
