"""One `qa run`, from the source to the summary, with a progress bar."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from flows.headings import in_words
from flows.lookup import scored_by
from flows.night import BY_HAND, Counts, Night, Occasion, Progress, begin, settle
from flows.output import print_table
from flows.progress import progress_bars
from flows.report import problem_rows, speed
from flows.site import Site, SiteRef, open_site, site_ref
from qa import runtime
from qa.clock import clock
from qa.sources import source_options
from qa.store import CallFilter, CallRow, Problem

_SHOWN_CALLS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run achieved, and what the store now holds for its source."""

    counts: Counts
    problems: tuple[Problem, ...]
    calls: tuple[CallRow, ...]
    store: str

    def plain(self) -> dict[str, Any]:
        """The documented JSON of `qa run`."""
        return {
            **self.counts.plain(),
            "problems": problem_rows(self.problems),
            "store": self.store,
        }

    def show(self) -> None:
        """Tables for a person: latest calls with their scores, the numbers, the problems."""
        columns = [
            "call",
            "agent",
            "queue",
            "language",
            "length",
            "score",
            "band",
            "scored_by",
            "state",
            "to review",
        ]
        print_table("Latest calls", columns, [_call_cells(row) for row in self.calls])
        numbers = self.counts.plain()
        factor = speed(self.counts)
        if factor is not None:
            numbers["real_time_factor"] = round(factor, 3)
        print_table("This run", list(numbers), [[f"{value:g}" for value in numbers.values()]])
        if self.problems:
            rows = problem_rows(self.problems)
            print_table("Open problems", list(rows[0]), [list(row.values()) for row in rows])


def _call_cells(row: CallRow) -> list[Any]:
    score = None if row.quality_percent is None else f"{row.quality_percent:.1f}"
    length = clock(row.duration_ms)
    where = (row.call_id, row.agent_id or None, row.queue or None, row.language or None, length)
    state = in_words(row.state) if row.state else None
    return [*where, score, row.band or None, scored_by(asdict(row)), state, row.review_count]


def run_batch(
    source: str,
    *,
    store: str = "",
    scorecard: str = "",
    manifest: str = "",
    pattern: str = "",
    workers: int | None = None,
    occasion: Occasion = BY_HAND,
) -> Outcome:
    """Take in a source and bring every call of it to a score.

    Prefect is started only when something is due: a run without work ends in a second.
    """
    ref = site_ref(store=store, scorecard=scorecard, workers=workers)
    site = open_site(ref)
    with progress_bars() as progress:
        options = source_options(site.settings, manifest=manifest, pattern=pattern)
        night = begin(site, source, options, progress, occasion)
        counts = carry_out(ref, night, progress)
    return _outcome(site, counts)


def carry_out(ref: SiteRef, night: Night, progress: Progress) -> Counts:
    """Do what is due with the runner of the settings, and close the run."""
    site = open_site(ref)
    if not night.due:
        return settle(site, night)
    if site.settings.run.runner == "plain":
        from flows.direct import run_direct  # noqa: PLC0415

        return run_direct(ref, night, progress=progress)
    quiet_prefect()
    from flows.nightly import run_night_shift  # noqa: PLC0415  (a second to import)

    return run_night_shift(ref, night, progress=progress)


def _outcome(site: Site, counts: Counts) -> Outcome:
    return Outcome(
        counts=counts,
        problems=tuple(site.store.problems.open(limit=100)),
        calls=tuple(site.store.calls.find(CallFilter(), limit=_SHOWN_CALLS)),
        store=site.store.url,
    )


def quiet_prefect() -> None:
    """Keep Prefect's state with ours and its log down to warnings, unless the operator differs."""
    home = (runtime.data_home() / "prefect").absolute()
    home.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(home))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "ERROR")
