"""`qa run`: the night by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.output import note, print_json


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    app.command()(run)


def run(
    source: Annotated[str, typer.Argument(help="Folder or fsspec URL with recordings.")],
    *,
    store: Annotated[str, typer.Option(help="Store URL; default: QA_STORE or qa.toml.")] = "",
    scorecard: Annotated[str, typer.Option(help="Score every call with this one.")] = "",
    manifest: Annotated[str, typer.Option(help="Manifest inside the source, CSV or JSONL.")] = "",
    pattern: Annotated[str, typer.Option(help="File-name regex with named groups.")] = "",
    workers: Annotated[int | None, typer.Option(min=1, help="Parallel workers.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    strict: Annotated[bool, typer.Option(help="Exit code 3 when anything failed.")] = False,
) -> None:
    """Transcribe and score every new recording of a source. Running it again repeats nothing.

    JSON keys: listed, new, transcribed, evaluated, failed, skipped, waiting, audio_seconds,
    wall_seconds, problems (stage, file, reason, what to do), store.
    """
    from flows.batch import run_batch  # noqa: PLC0415

    outcome = run_batch(
        source,
        store=store,
        scorecard=scorecard,
        manifest=manifest,
        pattern=pattern,
        workers=workers,
    )
    if json:
        print_json(outcome.plain())
    else:
        outcome.show()
    if outcome.counts.failed:
        note(f"{outcome.counts.failed} failed; the reasons are listed above and on the night page")
        if strict:
            raise typer.Exit(3)
