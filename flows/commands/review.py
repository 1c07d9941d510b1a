"""`qa review`: draw samples, give calls out, export the machine's report card."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.output import note, print_json, print_table

if TYPE_CHECKING:
    from qa.access import Person

review = typer.Typer(help="Sampling, assignment and the machine's report card. 复核流程。")
StoreOption = Annotated[str, typer.Option(help="Store URL.")]


def register(app: typer.Typer) -> None:
    """Add the group to `qa`."""
    app.add_typer(review, name="review")


@review.command()
def sample(
    name: Annotated[str, typer.Argument(help="Name of the sample.")],
    *,
    kind: Annotated[str, typer.Option(help="random, stratified, targeted or mixed.")] = "mixed",
    seed: Annotated[str, typer.Option(help="The same seed gives the same sample.")] = "1",
    per_agent: Annotated[int, typer.Option(help="Random calls per agent.")] = 3,
    size: Annotated[int, typer.Option(help="Further calls (all kinds but random).")] = 50,
    team: Annotated[list[str] | None, typer.Option(help="Only these teams.")] = None,
    preview: Annotated[bool, typer.Option(help="Show it, keep nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
    store: StoreOption = "",
) -> None:
    """Draw calls for review; the plan, the population and every probability are kept."""
    from qa.errors import ReviewError  # noqa: PLC0415
    from qa.review.sampling import Plan, PlanKind  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import CallFilter, connect  # noqa: PLC0415

    if kind not in {item.value for item in PlanKind}:
        raise ReviewError(f"no plan {kind!r}", "--kind", f"use {', '.join(PlanKind)}")
    plan = Plan(kind=PlanKind(kind), seed=seed, per_agent=per_agent, size=size)
    wanted = CallFilter(teams=tuple(team or ()))
    with connect(store or load_settings().store, upgrade=True) as opened:
        if preview:
            drawn = opened.samples.preview(_person(), plan, wanted)
            number, picks, population = None, drawn.picks, drawn.population
        else:
            made = opened.samples.draw(_person(), name, plan, wanted)
            number, picks, population = made.id, made.picks, made.population
    rows = [(p.call_id, p.reason.value, p.stratum, round(p.inclusion, 4)) for p in picks]
    if as_json:
        keys = ("call_id", "reason", "stratum", "inclusion")
        found = [dict(zip(keys, row, strict=True)) for row in rows]
        print_json({"sample": number, "population": population, "picks": found})
        return
    print_table(name, ("call", "reason", "stratum", "inclusion"), rows)
    note(f"{len(rows)} of {population} calls" + ("" if number is None else f", sample {number}"))


@review.command()
def assign(
    sample_id: Annotated[int, typer.Argument(help="Number of the sample.")],
    *,
    to: Annotated[list[str], typer.Option(help="Reviewer; give the option several times.")],
    days: Annotated[int, typer.Option(help="Due in so many days.")] = 3,
    capacity: Annotated[int, typer.Option(help="Open reviews per person at most.")] = 20,
    store: StoreOption = "",
) -> None:
    """Give a sample's calls to reviewers; exit code 1 when some could not be given to anybody."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from qa.review.assignment import Terms, hand_out  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415
    from qa.store.review_people import reviewers_of, waiting_of  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        drawn = opened.samples.get(sample_id)
        given = {item.call_id for item in opened.assignments.find(states=(), sample_id=sample_id)}
        people, leaders = reviewers_of(opened, to, capacity=capacity)
        handed = hand_out(
            [
                waiting_of(opened, pick.call_id, (pick.reason,))
                for pick in drawn.picks
                if pick.call_id not in given
            ],
            people,
            now=datetime.now(UTC),
            terms=Terms(days=days, sample_id=sample_id, seed=drawn.plan.seed),
            load=opened.assignments.load(),
            leaders=leaders,
        )
        added = opened.assignments.add(_person(), handed.assignments)
    rows = [(item.reviewer, item.call_id, f"{item.due_at:%Y-%m-%d}") for item in added]
    print_table(f"sample {sample_id}", ("reviewer", "call", "due"), rows)
    for call_id, ways in handed.left.items():
        note(f"{call_id}: {', '.join(f'{who} {why.value}' for who, why in ways.items())}")
    if handed.left:
        raise typer.Exit(1)


@review.command("report-card")
def report_card(
    scorecard: Annotated[str, typer.Argument(help="Scorecard id.")] = "service-standard",
    *,
    language: Annotated[str, typer.Option(help="zh or en.")] = "en",
    by_chance: Annotated[bool, typer.Option(help="Only calls that were picked by chance.")] = False,
    output: Annotated[Path | None, typer.Option(help="File; stdout when left out.")] = None,
    demote: Annotated[bool, typer.Option(help="Take the steps down that figures ask for.")] = False,
    store: StoreOption = "",
) -> None:
    """How far to trust each criterion, as CSV: agreement, kappa, precision, recall, level."""
    from qa.review.report_card import to_csv  # noqa: PLC0415
    from qa.settings import load_settings  # noqa: PLC0415
    from qa.store import connect  # noqa: PLC0415
    from qa.store.review_card import evidence_now  # noqa: PLC0415
    from qa.store.review_card import report_card as lines_of  # noqa: PLC0415
    from qa.store.review_figures import Period  # noqa: PLC0415

    with connect(store or load_settings().store, upgrade=True) as opened:
        if demote:
            for change in opened.autonomy.demote_fallen(scorecard, evidence_now(opened, scorecard)):
                note(f"{change.criterion_id} → {change.level.value}: {change.reason}")
        lines = lines_of(opened, Period(scorecard_id=scorecard, by_chance=by_chance))
    text = to_csv(lines, language=language)
    if output is None:
        typer.echo(text.removeprefix("\ufeff"), nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="")
        note(f"{output}: {len(lines)} criteria")


def _person() -> Person:
    """The machine's account, named by who types, so that the audit trail tells."""
    from dataclasses import replace  # noqa: PLC0415

    from qa.access import SYSTEM  # noqa: PLC0415

    return replace(SYSTEM, user_id=f"system/{getpass.getuser()}")
