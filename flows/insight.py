"""What calls say, put into the store: with each analysis, and once more when the night ends."""

from __future__ import annotations

import logging
from datetime import date

from flows.site import Site
from qa.analysis import Analysis
from qa.errors import ModelError, NotFoundError
from qa.insight.summaries import CallSummary
from scoring import insight_saving
from scoring.insight import CallInsight
from scoring.topics import TopicText, discover_topics, week_of

_log = logging.getLogger(__name__)

#: Topics are made of the newest openings; older calls say nothing about what is new.
MOST_OPENINGS = 6000


def find_insight(site: Site, analysis: Analysis) -> CallInsight:
    """Everything found in a call, by the means of the site."""
    return insight_saving.find_insight(
        site.store, analysis, site.settings, encoder=site.encoder, reasons=site.reasons
    )


def save_insight(site: Site, analysis: Analysis, found: CallInsight) -> None:
    """Save what was found; saving it again changes nothing."""
    insight_saving.save_insight(site.store, analysis, found, site.settings)


def settle_insight(site: Site) -> None:
    """What only many calls together show: repeat contacts, then topics. Idempotent."""
    recount_contacts(site)
    try:
        find_topics(site)
    except ModelError as error:  # a damaged encoder says nothing about the night's calls
        _log.warning("topics were not looked for, because %s", error)


def recount_contacts(site: Site) -> int:
    """Raise or lower alerts of calls whose earlier contacts came in after them; returns how many.

    A source does not list calls in the order in which they happened.
    """
    changed = site.store.insight.miscounted()
    for call_id in changed:
        try:
            analysis = site.store.analyses.load(call_id)
        except NotFoundError:
            continue
        save_insight(site, analysis, find_insight(site, analysis))
    return len(changed)


def find_topics(site: Site) -> int:
    """Group the openings of calls that the taxonomy does not know; returns how many topics.

    Without an encoder the topics of the last discovery stay.
    """
    if site.encoder is None:
        return 0
    texts: list[TopicText] = []
    weeks: dict[str, str] = {}
    for summary, happened in site.store.insight.summaries(limit=MOST_OPENINGS):
        if summary.reason == "other" and summary.call_type != "void":
            day = happened.date()
            weeks[summary.call_id] = week_of(day)
            texts += _texts(summary, day)
    found = discover_topics(texts, site.encoder)
    site.store.topics.replace(found, weeks)
    return len(found)


def _texts(summary: CallSummary, day: date) -> list[TopicText]:
    return [TopicText(call_id=summary.call_id, text=text, day=day) for text in summary.needs]
