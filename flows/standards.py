"""Scorecard work for the command line: lint, examples, replay over stored calls, explain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.lookup import open_reader
from qa import codec
from qa.analysis import Analysis
from qa.errors import NotFoundError
from qa.evaluation import Evaluation
from qa.settings import load_settings
from qa.store import CallFilter, Store
from scoring.activation import activate
from scoring.encoder_lazy import find_encoder
from scoring.examples import example_results
from scoring.explain import Explanation, explain
from scoring.lint import lint_file
from scoring.loader import list_scorecards, load_scorecard
from scoring.loader_yaml import Problem
from scoring.matching import PhraseMatcher, load_matcher
from scoring.replay import ReplayReport, replay
from scoring.scorecard import Scorecard
from scoring.semantics import SemanticReader

_RECENT = 200
_PAGE = 500


def site_matcher() -> PhraseMatcher:
    """The phrase matcher with this site's company names."""
    return load_matcher(company_names=tuple(load_settings().roles.company_names))


def site_reader() -> SemanticReader | None:
    """Compares meanings where this site can; nothing is loaded until a rule asks."""
    encoder = find_encoder(load_settings().insight.encoder)
    return SemanticReader(encoder) if encoder else None


def scorecards() -> dict[str, Path]:
    """Names and files of all scorecards of this site."""
    return list_scorecards(load_settings().scoring.place)


def scorecard_path(name_or_path: str) -> Path:
    """The file of a scorecard given by name or path."""
    return scorecards().get(name_or_path, Path(name_or_path))


def lint(name_or_path: str, *, store_url: str = "") -> list[Problem]:
    """Every finding about a scorecard; with a store, also criteria that never vary."""
    stored: list[Evaluation] = []
    if store_url:
        with open_reader(store_url) as store:
            rows = store.calls.find(CallFilter(evaluated=True), limit=_RECENT)
            stored = [store.evaluations.load(row.call_id) for row in rows]
    return lint_file(scorecard_path(name_or_path), matcher=site_matcher(), stored=stored)


def example_rows(name_or_path: str) -> list[dict[str, Any]]:
    """Each example of a scorecard with what it should and did give."""
    card = load_scorecard(scorecard_path(name_or_path))
    return [
        {
            "criterion": result.criterion_id,
            "example": result.number,
            "expected": result.expected,
            "outcome": result.verdict.outcome.value,
            "passed": result.passed,
        }
        for result in example_results(card, matcher=site_matcher())
    ]


def activate_draft(path: Path) -> Path:
    """Check a draft and make it one of the site's scorecards.

    Raises:
        ScorecardError: See `scoring.activation.activate`.
    """
    return activate(path, load_settings().scoring.place, matcher=site_matcher())


def replay_draft(draft: str, *, store_url: str = "", since: datetime | None = None) -> ReplayReport:
    """Score stored calls with a draft and compare with the evaluations on record."""
    card = load_scorecard(scorecard_path(draft))
    with open_reader(store_url) as store:

        def before(analysis: Analysis) -> Evaluation | None:
            try:
                return store.evaluations.load(analysis.call.id)
            except NotFoundError:
                return None

        return replay(
            stored_analyses(store, since),
            before,
            card,
            matcher=site_matcher(),
            encoder=site_reader(),
            active=_active(card.id),
        )


def _active(card_id: str) -> Scorecard | None:
    """The scorecard in force under this id: what a draft leaves alone is taken from its results."""
    path = scorecards().get(card_id)
    return load_scorecard(path) if path is not None else None


def stored_analyses(store: Store, since: datetime | None = None) -> Iterator[Analysis]:
    """Analyses of stored calls, newest first, a page at a time."""
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    wanted, offset = CallFilter(since=since), 0
    while rows := store.calls.find(wanted, limit=_PAGE, offset=offset):
        offset += len(rows)
        for row in rows:
            try:
                yield store.analyses.load(row.call_id)
            except NotFoundError:
                continue


def replay_plain(report: ReplayReport) -> dict[str, Any]:
    """The documented JSON of `qa scorecard replay`."""
    plain: dict[str, Any] = codec.to_plain(report)
    return plain


def explain_call(call_id: str, criterion: str, *, store_url: str, scorecard: str) -> Explanation:
    """The rule tree of one criterion on one stored call.

    Raises:
        NotFoundError: The call has no analysis, or the scorecard no such criterion.
    """
    with open_reader(store_url) as store:
        analysis = store.analyses.load(call_id)
        name = scorecard or store.evaluations.load(call_id).scorecard_id
    return explain(
        analysis,
        load_scorecard(scorecard_path(name)),
        criterion,
        matcher=site_matcher(),
        encoder=site_reader(),
    )
