"""What calls say, put into the store: with each analysis, and once more when the night ends."""

from __future__ import annotations

import logging
from datetime import date

from flows.site import Site
from qa.analysis import Analysis
from qa.errors import ModelError, NotFoundError
from qa.insight.summaries import CallSummary
from scoring.insight import CallInsight, insight_of
from scoring.topics import TopicText, discover_topics, week_of
from scoring.voice import lowest_quote, product_mentions

_log = logging.getLogger(__name__)

#: Topics are made of the newest openings; older calls say nothing about what is new.
MOST_OPENINGS = 6000
_TOLD = {
    **dict.fromkeys(("yes", "true", "1", "是", "已解决"), True),
    **dict.fromkeys(("no", "false", "0", "否", "未解决"), False),
}


def find_insight(site: Site, analysis: Analysis) -> CallInsight:
    """Everything found in a call, with its repeat contacts counted from the store."""
    call = analysis.call
    reason = analysis.facts.get("reason", "")
    happened = site.store.calls.row(call.id).happened_at
    return insight_of(
        analysis,
        encoder=site.encoder,
        reasons=site.reasons,
        contacts=site.store.insight.contacts(call.id, call.customer_ref, reason, happened),
        resolved=_TOLD.get(call.tags.get("resolved", "").strip().lower()),
        timezone=site.settings.timezone,
    )


def save_insight(site: Site, analysis: Analysis, found: CallInsight) -> None:
    """Save what was found; saving it again changes nothing."""
    site.store.insight.save(
        summary_of(analysis, found, site), alerts=found.alerts, commitments=found.commitments
    )


def summary_of(analysis: Analysis, found: CallInsight, site: Site) -> CallSummary:
    """The row that lists and figures need."""
    score, low = lowest_quote(analysis)
    products = product_mentions([analysis], site.settings.insight.products)
    return CallSummary(
        call_id=found.call_id,
        call_type=found.call_type,
        reason=found.reason,
        contacts=found.contacts,
        judged_turns=found.course.turns,
        start=found.course.start,
        end=found.course.end,
        lowest=found.course.lowest,
        low_score=score,
        low=low,
        suggestions=found.suggestions,
        needs=found.needs,
        products=tuple(sorted(products)),
    )


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
