"""`qa scorecard`, `qa phrases`, `qa explain`: the service standard as data."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flows.output import note, print_json, print_json_line, print_table

group = typer.Typer(no_args_is_help=True, help="Scorecards: list, lint, test, replay, activate.")
phrases = typer.Typer(no_args_is_help=True, help="Phrase banks: see what hits.")

Name = Annotated[str, typer.Argument(help="Scorecard name or file.")]
Json = Annotated[bool, typer.Option("--json")]
StoreUrl = Annotated[str, typer.Option(help="Store URL.")]


def register(app: typer.Typer) -> None:
    """Add the groups and commands to `qa`."""
    app.add_typer(group, name="scorecard")
    app.add_typer(phrases, name="phrases")
    app.command()(explain)


@group.command("list")
def list_(*, json: Json = False) -> None:
    """Scorecards of this site: the packaged ones, then its own."""
    from flows.standards import scorecards  # noqa: PLC0415

    rows = {name: str(path) for name, path in scorecards().items()}
    if json:
        print_json(rows)
    else:
        print_table("Scorecards", ["name", "file"], rows.items())


@group.command()
def lint(name: Name = "service-standard", *, store: StoreUrl = "", json: Json = False) -> None:
    """Report every problem of a scorecard at once; exit code 1 when there is an error."""
    from flows.standards import lint as lint_card  # noqa: PLC0415
    from qa import codec  # noqa: PLC0415

    found = lint_card(name, store_url=store)
    if json:
        print_json([codec.to_plain(problem) for problem in found])
    else:
        rows = [[p.severity, p.line, p.field, p.message, p.suggestion] for p in found]
        print_table(
            f"{name}: {len(found)} findings",
            ["severity", "line", "field", "message", "suggestion"],
            rows,
        )
    if any(problem.severity == "error" for problem in found):
        raise typer.Exit(1)


@group.command("test")
def run_examples(name: Name = "service-standard", *, json: Json = False) -> None:
    """Run the examples that criteria carry; exit code 1 when one fails."""
    from flows.standards import example_rows  # noqa: PLC0415

    rows = example_rows(name)
    failed = [row for row in rows if not row["passed"]]
    if json:
        print_json(rows)
    else:
        note(f"{name}: {len(rows) - len(failed)} of {len(rows)} examples are as they should be")
        if failed:
            print_table("Failed", list(failed[0]), [list(row.values()) for row in failed])
    if failed:
        raise typer.Exit(1)


@group.command()
def replay(
    draft: Name,
    *,
    since: Annotated[datetime | None, typer.Option(help="Only calls since this date.")] = None,
    store: StoreUrl = "",
    json: Json = False,
) -> None:
    """Score stored calls with a draft, no audio, no models, and show who would change."""
    from flows.standards import replay_draft, replay_plain  # noqa: PLC0415

    report = replay_draft(draft, store_url=store, since=since)
    if json:
        print_json(replay_plain(report))
        return
    note(f"{report.calls} calls replayed, {report.changed} change; bands: {dict(report.bands)}")
    rows = [
        [a.agent_id, a.calls, f"{a.mean_before:.1f}", f"{a.mean_after:.1f}", f"{a.difference:+.1f}"]
        for a in report.agents
    ]
    print_table("By agent", ["agent", "calls", "before", "after", "change"], rows)
    changed = [
        [c.criterion_id, c.name.en, c.changed, c.calls, dict(c.flips)]
        for c in report.criteria
        if c.changed
    ]
    print_table("By criterion", ["criterion", "name", "changed", "calls", "flips"], changed)


@group.command()
def activate(draft: Annotated[Path, typer.Argument(help="Draft file.")]) -> None:
    """Check a draft, run its examples, and make it one of the site's scorecards, for good."""
    from flows.standards import activate_draft  # noqa: PLC0415

    note(f"active: {activate_draft(draft)}")


def explain(
    call_id: Annotated[str, typer.Argument(help="Call id.")],
    criterion: Annotated[str, typer.Argument(help="Criterion id, e.g. S3.4.")],
    *,
    store: StoreUrl = "",
    scorecard: Annotated[str, typer.Option(help="Default: the one it was scored with.")] = "",
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    json: Json = False,
) -> None:
    """Print the rule tree of one verdict: measured against thresholds, and the nearest miss."""
    from flows.standards import explain_call  # noqa: PLC0415
    from qa import codec  # noqa: PLC0415

    found = explain_call(call_id, criterion, store_url=store, scorecard=scorecard)
    if json:
        print_json(codec.to_plain(found))
    else:
        typer.echo(found.render(language))


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
