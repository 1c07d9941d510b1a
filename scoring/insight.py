"""What a manager would notice: one call in a glance, and many calls on one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa.analysis import Analysis
from scoring.alerts import Alert, alerts_of
from scoring.calltype import facts_of
from scoring.categories import OTHER, Category, opening_needs
from scoring.commitments import Commitment, find_commitments
from scoring.encoder import Encoder
from scoring.reasons import ParetoRow, pareto
from scoring.sentiment import SentimentCourse, course_of
from scoring.topics import Topic, TopicText, discover_topics
from scoring.voice import Grievance, Quote, grievances, product_mentions, suggestions_of

_TOPIC_TURNS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInsight:
    """What the words of one call say beside its score."""

    call_id: str
    call_type: str
    reason: str
    course: SentimentCourse
    alerts: tuple[Alert, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    suggestions: tuple[Quote, ...] = ()
    contacts: int = 1
    needs: tuple[str, ...] = ()


def insight_of(
    analysis: Analysis,
    *,
    encoder: Encoder | None = None,
    reasons: Sequence[Category] | None = None,
    contacts: int = 1,
    resolved: bool | None = None,
    timezone: str = "Asia/Shanghai",
) -> CallInsight:
    """Type, reason, mood, alerts, promises and suggestions of one call.

    Args:
        analysis: The call; labels it already carries in `facts` are kept.
        encoder: For type and reason by meaning; words alone without it.
        reasons: A site's own taxonomy.
        contacts: Contacts of this customer on this issue so far, this one included.
        resolved: What an import says about the issue, if anything.
        timezone: IANA name of the site's time zone, for promises.
    """
    labels = facts_of(analysis.call, analysis.transcript, encoder=encoder, reasons=reasons)
    labels |= dict(analysis.facts)
    return CallInsight(
        call_id=analysis.call.id,
        call_type=labels.get("call_type", OTHER),
        reason=labels.get("reason", OTHER),
        course=course_of(analysis.transcript, analysis.sentiment),
        alerts=alerts_of(analysis, contacts=contacts, resolved=resolved),
        commitments=find_commitments(analysis, timezone=timezone),
        suggestions=suggestions_of(analysis),
        contacts=contacts,
        needs=tuple(text for text, _ in opening_needs(analysis.transcript)[:_TOPIC_TURNS]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Many calls on one page. `topics` is empty without an encoder."""

    calls: int
    call_types: Mapping[str, int]
    reasons: tuple[ParetoRow, ...]
    alerts: tuple[Alert, ...]
    commitments: tuple[Commitment, ...]
    suggestions: tuple[Quote, ...]
    grievances: tuple[Grievance, ...]
    products: Mapping[str, int] = field(default_factory=dict)
    topics: tuple[Topic, ...] = ()


def overview_of(
    analyses: Sequence[Analysis],
    *,
    encoder: Encoder | None = None,
    products: Mapping[str, Sequence[str]] | None = None,
    timezone: str = "Asia/Shanghai",
) -> Overview:
    """Types, Pareto of reasons, risks, promises, voices and new topics of many calls.

    The topics are made of the calls whose reason is `other`: what the taxonomy does not know yet.
    """
    insights = [insight_of(one, encoder=encoder, timezone=timezone) for one in analyses]
    labelled = [
        _with_reason(one, found.reason) for one, found in zip(analyses, insights, strict=True)
    ]
    unknown = [
        text
        for one, found in zip(analyses, insights, strict=True)
        if found.reason == OTHER
        for text in _opening_texts(one)
    ]
    return Overview(
        calls=len(analyses),
        call_types=Counter(found.call_type for found in insights),
        reasons=pareto(found.reason for found in insights),
        alerts=tuple(alert for found in insights for alert in found.alerts),
        commitments=tuple(item for found in insights for item in found.commitments),
        suggestions=tuple(quote for found in insights for quote in found.suggestions),
        grievances=grievances(labelled),
        products=product_mentions(analyses, products or {}),
        topics=discover_topics(unknown, encoder) if encoder else (),
    )


def _with_reason(analysis: Analysis, reason: str) -> Analysis:
    return replace(analysis, facts={**analysis.facts, "reason": reason})


def _opening_texts(analysis: Analysis) -> list[TopicText]:
    started = analysis.call.started_at
    day = started.date() if started else None
    return [
        TopicText(call_id=analysis.call.id, text=text, day=day)
        for text, _ in opening_needs(analysis.transcript)[:_TOPIC_TURNS]
    ]
