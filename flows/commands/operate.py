"""`qa serve`, `status`, `urgent`, `rerun`, `retry`, `backfill`, `pause`, `resume`, `doctor`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from flows.output import note, print_json, print_table

_STORE = typer.Option(help="Store URL; default: QA_STORE or qa.toml.")
_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


def register(app: typer.Typer) -> None:
    """Add the commands to `qa`."""
    for command in (serve, status, urgent, rerun, retry, backfill, pause, resume, doctor):
        app.command()(command)


def serve(
    sources: Annotated[list[str] | None, typer.Argument(help="Default: night.sources.")] = None,
    *,
    store: Annotated[str, _STORE] = "",
    pool: Annotated[str, typer.Option(help="Register with this work pool, and end.")] = "",
    catch_up: Annotated[bool, typer.Option(help="Run a missed night at once.")] = True,
) -> None:
    """Register the nightly run with Prefect and serve it until Ctrl+C (or for a work pool)."""
    from flows.deployments import serve_nights  # noqa: PLC0415

    serve_nights(sources or [], store=store, pool=pool, catch_up=catch_up)


def status(
    store: Annotated[str, _STORE] = "",
    *,
    json: Annotated[bool, typer.Option("--json")] = False,
    language: Annotated[str, typer.Option(help="zh or en; default: the site's.")] = "",
    strict: Annotated[bool, typer.Option(help="Exit code 3 when there is an alert.")] = False,
) -> None:
    """What ran, what failed and why, what is next, and whether tonight will be done in time."""
    from flows.lookup import open_reader  # noqa: PLC0415
    from flows.status import show_status  # noqa: PLC0415
    from qa.operations import read_status  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    with open_reader(store) as opened:
        found = read_status(opened, settings, opened.database.now())
    if json:
        print_json(found.plain())
    else:
        show_status(found, language or settings.language)
    if strict and found.alerts:
        raise typer.Exit(3)


def urgent(
    calls: Annotated[list[str] | None, typer.Argument(help="Call ids; none lists them.")] = None,
    *,
    store: Annotated[str, _STORE] = "",
    reason: Annotated[str, typer.Option(help="Why, for the others.")] = "",
) -> None:
    """Put calls before all others, also in a run that is under way."""
    from flows.queue import urge  # noqa: PLC0415
    from flows.site import open_site, site_ref  # noqa: PLC0415

    site = open_site(site_ref(store=store))
    if calls:
        note(f"{urge(site, calls, reason)} calls go first")
        return
    rows = [[each.call_id, each.asked_by, each.reason] for each in site.store.operations.urgent()]
    print_table("Urgent calls", ["call", "asked by", "reason"], rows)


def rerun(
    calls: Annotated[list[str], typer.Argument(help="Call ids.")],
    *,
    stage: Annotated[str, typer.Option(help="transcribe, analyse or score.")] = "transcribe",
    store: Annotated[str, _STORE] = "",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Do a stage of these calls again, and the stages after it; also when it was given up."""
    from flows import queue  # noqa: PLC0415
    from flows.progress import progress_bars  # noqa: PLC0415
    from flows.site import site_ref  # noqa: PLC0415
    from flows.stages import Stage  # noqa: PLC0415

    if stage not in list(Stage):
        raise typer.BadParameter(f"{stage!r} is not a stage", param_hint="--stage")
    with progress_bars() as progress:
        counts = queue.rerun(site_ref(store=store), calls, Stage(stage), progress)
    _show(counts.plain(), as_json=json)


def retry(
    store: Annotated[str, _STORE] = "",
    stage: Annotated[str, typer.Option(help="Only this stage.")] = "",
) -> None:
    """Let everything that failed or is quarantined be tried anew with the next run."""
    from flows.queue import retry_problems  # noqa: PLC0415
    from flows.site import open_site, site_ref  # noqa: PLC0415

    freed = retry_problems(open_site(site_ref(store=store)), stage)
    note(f"{freed} pieces of work are tried again with the next run")


def backfill(
    source: Annotated[str, typer.Argument(help="Take in from here; empty: stored calls.")] = "",
    *,
    since: Annotated[datetime, typer.Option(formats=_MOMENTS, help="First day.")],
    until: Annotated[datetime, typer.Option(formats=_MOMENTS, help="Day after the last.")],
    store: Annotated[str, _STORE] = "",
    workers: Annotated[int | None, typer.Option(min=1)] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take in and score the calls of a range of days (site time)."""
    from flows.backfill import backfill_range  # noqa: PLC0415

    counts = backfill_range(source, since=since, until=until, store=store, workers=workers)
    _show(counts.plain(), as_json=json)


def pause(
    store: Annotated[str, _STORE] = "",
    reason: Annotated[str, typer.Option(help="Why, for the others.")] = "",
) -> None:
    """Let the running night finish what it has in hand, and begin no other, until `qa resume`."""
    from flows import queue  # noqa: PLC0415
    from flows.site import open_site, site_ref  # noqa: PLC0415

    queue.pause(open_site(site_ref(store=store)), reason)
    note("paused; `qa resume` goes on")


def resume(store: Annotated[str, _STORE] = "") -> None:
    """End a pause."""
    from flows import queue  # noqa: PLC0415
    from flows.site import open_site, site_ref  # noqa: PLC0415

    queue.resume(open_site(site_ref(store=store)))
    note("nights run again")


def doctor(
    store: Annotated[str, _STORE] = "",
    *,
    json: Annotated[bool, typer.Option("--json")] = False,
    language: Annotated[str, typer.Option(help="zh or en; default: the site's.")] = "",
) -> None:
    """Examine this machine and site; every finding has its remedy. Exit code 1 when one is bad."""
    from flows.doctor import examine, show_findings  # noqa: PLC0415

    findings = examine(store)
    if json:
        print_json([finding.plain() for finding in findings])
    else:
        show_findings(findings, language)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def _show(numbers: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        print_json(numbers)
    else:
        print_table("Done", list(numbers), [[f"{value:g}" for value in numbers.values()]])
