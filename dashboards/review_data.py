"""Reads of the review process for pages: who reviews, names, cached report cards and budgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from dashboards import frame
from dashboards.data import BY_VIEWER
from dashboards.sign_in import demo_people
from qa.access import Action, Person, may
from qa.errors import NotFoundError
from qa.evaluation import Bilingual, Evaluation
from qa.form import STANDARD, FormRules
from qa.people.intervals import Estimate
from qa.review.assignment import Reviewer
from qa.review.autonomy import START, Evidence, Level, standing
from qa.review.effective import Effective
from qa.review.error_budget import Override
from qa.review.report_card import CardLine
from qa.review.sampling import Draw, Plan
from qa.settings import load_settings
from qa.store import CallFilter, Store
from qa.store.review_card import evidence_now, is_whole, report_card
from qa.store.review_figures import Period, ReviewTime
from qa.store.review_people import leaders_of, reviewer

_TTL = "1m"


def people(opened: Store) -> dict[str, Person]:
    """Everybody with an account, by user id; in a demonstration, whom it offers."""
    known = {one.user_id: one.person for one in opened.accounts.all() if one.is_active}
    return _offered() | known


def _offered() -> dict[str, Person]:
    """Whom a demonstration offers."""
    settings = load_settings().access
    people = demo_people(settings) if settings.sign_in == "demo" else ()
    return {one.user_id: one for one in people}


def name_of(user_id: str, opened: Store) -> str:
    """How a person is called: by account, else by roster; the id of somebody unknown."""
    try:
        return opened.accounts.get(user_id).name or user_id
    except NotFoundError:
        offered = _offered().get(user_id)
    if offered is not None:
        return offered.name or user_id
    agent = opened.roster.at(user_id, datetime.now(UTC).date()) if user_id else None
    return agent.name if agent is not None and agent.name else user_id


def reviewers(opened: Store, capacity: int) -> list[Reviewer]:
    """Everybody who may review, with the team of her roster entry and those she leads."""
    able = [one for one in people(opened).values() if may(one, Action.REVIEW)]
    found = [reviewer(opened, one, capacity=capacity) for one in able]
    return sorted(found, key=lambda item: item.user_id)


def leaders(opened: Store) -> dict[str, frozenset[str]]:
    """Team → agent ids of its leaders: nobody reviews her own leader's calls."""
    return leaders_of(people(opened).values())


@st.cache_resource
def form_of(scorecard_id: str) -> FormRules:
    """Arithmetic of a scorecard; that of the service standard where it is not at hand."""
    from qa.errors import ScorecardError  # noqa: PLC0415
    from scoring.form import form_rules  # noqa: PLC0415  (scorecards load lexicons)
    from scoring.loader import load_scorecard  # noqa: PLC0415

    try:
        return form_rules(load_scorecard(scorecard_id))
    except ScorecardError:
        return STANDARD


def counting(evaluation: Evaluation, opened: Store) -> Effective:
    """What counts for a call: the machine's evaluation under the decisions of people."""
    form = form_of(evaluation.scorecard_id)
    return opened.reviews.effective(evaluation.call_id, form=form, evaluation=evaluation)


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def card(period: Period, opened: Store) -> list[CardLine]:
    """The report card."""
    known = None if is_whole(period) else _trust(period.scorecard_id, opened)
    return report_card(opened, period, trust=known)


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def _trust(scorecard_id: str, opened: Store) -> dict[str, Evidence]:
    """What the ladder goes by, whatever period is looked at."""
    return evidence_now(opened, scorecard_id)


def forget_card() -> None:
    """Read the report card again: a level or a decision has changed."""
    card.clear()
    _trust.clear()


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def overrides(since: datetime, until: datetime, opened: Store) -> list[Override]:
    """Overrides of a period."""
    return opened.review_figures.overrides(since, until)


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def times(since: datetime, until: datetime, opened: Store) -> list[ReviewTime]:
    """Review times of a period."""
    return opened.review_figures.review_times(since, until)


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def criterion_names(scorecard_id: str, opened: Store) -> dict[str, Bilingual]:
    """Criterion → name."""
    return opened.review_figures.names(scorecard_id)


def subject_name(subject: str, call_id: str, opened: Store) -> str:
    """`S2.1 Name` of a criterion or `AF-3 Name` of an auto-fail."""
    side = frame.evidence_language()
    try:
        evaluation = opened.evaluations.load(call_id)
    except NotFoundError:
        return subject
    named: list[Any] = [(r.criterion_id, r.name) for r in evaluation.results]
    named += [(f.code, f.name) for f in evaluation.findings]
    name = dict(named).get(subject)
    return f"{subject} {name.in_language(side)}" if name else subject


def short_name(criterion_id: str, scorecard_id: str, opened: Store) -> str:
    """`S2.1 Name` by the scorecard's newest wording, without opening the call."""
    name = criterion_names(scorecard_id, opened).get(criterion_id)
    side = frame.evidence_language()
    return f"{criterion_id} {name.in_language(side)}" if name else criterion_id


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def preview(plan: Plan, wanted: CallFilter, viewer: Person, opened: Store) -> Draw:
    """What a draw would give.

    Raises:
        ReviewError: The plan cannot be followed.
    """
    return opened.samples.preview(viewer, plan, wanted)


def since_weeks(weeks: int) -> datetime | None:
    """The start of a period of whole weeks up to now; None for 0 (all). Steady for an hour."""
    if not weeks:
        return None
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    return hour - timedelta(weeks=weeks)


@st.cache_data(ttl=_TTL, max_entries=16, show_spinner=False, hash_funcs=BY_VIEWER)
def _levels(scorecard_id: str, opened: Store) -> dict[str, Level]:
    return opened.autonomy.known(scorecard_id)


def standing_badge(criterion_id: str, opened: Store, scorecard_id: str = "") -> str:
    """Markdown: how far the machine's word on a criterion stands by itself; nothing at `auto`."""
    word = standing(_levels(scorecard_id, opened).get(criterion_id, START))
    return f" :gray-badge[{word.in_language(frame.evidence_language())}]" if word else ""


def figure(estimate: Estimate | None, *, percent: bool = True, decimals: int = 2) -> str:
    """A figure with its interval and n, as one cell: `92% [67–99] n 13`."""
    if estimate is None:
        return "–"
    scale, digits = (100, 0) if percent else (1, decimals)
    value = f"{estimate.value * scale:.{digits}f}{'%' if percent else ''}"
    if estimate.low is None or estimate.high is None:
        return f"{value} · n {estimate.n}"
    low, high = (f"{bound * scale:.{digits}f}" for bound in (estimate.low, estimate.high))
    return f"{value} [{low} – {high}]"
