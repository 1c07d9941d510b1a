"""Complaint and churn alerts: priority or points with a reason and a quote for each (dossier §2.6).

Pure functions of an analysis. Points are a count of warning signs, **not a probability**, until
they are fitted to a site's own churn labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qa.analysis import Analysis
from qa.calls import Role
from qa.evaluation import Bilingual
from qa.insight.alerts import Alert, AlertKind, AlertReason, RiskItem, RiskState, risk_queue
from scoring.sentiment import SentimentCourse, course_of
from scoring.signals import Signal, SignalHit, default_signals, find_signals

__all__ = [
    "Alert",
    "AlertKind",
    "AlertReason",
    "RiskItem",
    "RiskState",
    "alerts_of",
    "resolved_at_end",
    "risk_queue",
]

#: Targets for a first response in minutes (own, patterned on complaint desks; dossier §2.6).
RESPONSE_MINUTES = {"P1": 30, "P2": 120, "P3": 1440}
CHURN_POINTS = {"cancel": 40, "competitor": 20, "repeat": 15, "unresolved": 15, "contract": 10}
CHURN_SAD_POINTS = 10
CHURN_HIGH, CHURN_MEDIUM = 60, 35
_P1_SIGNALS = ("regulator", "injury", "data_leak")
_P2_SIGNALS = ("complaint", "manager")
_P2_END = -0.5
_SAD_END = -0.4
_TREND = -0.3
_CONTACTS = 3
_LAST_TURNS = 3
NOT_A_PROBABILITY = Bilingual(
    zh="分数是预警信号的累计，不是流失概率。",
    en="Points add up warning signs; they are not a probability of leaving.",
)


def alerts_of(
    analysis: Analysis,
    *,
    contacts: int = 1,
    resolved: bool | None = None,
    signals: Mapping[str, Signal] | None = None,
) -> tuple[Alert, ...]:
    """Complaint and churn alerts of a call; none for a call without warning signs.

    Args:
        analysis: The call.
        contacts: How many contacts this customer had on this issue, this one included.
        resolved: Whether the issue was resolved, when an import says so; else read from the end.
        signals: A site's own signals.
    """
    known = default_signals() if signals is None else signals
    hits = find_signals(analysis.transcript, signals=known)
    course = course_of(analysis.transcript, analysis.sentiment)
    ended = resolved_at_end(analysis) if resolved is None else resolved
    found = (
        _complaint(analysis, hits, course, contacts=contacts, resolved=ended, signals=known),
        _churn(analysis, hits, course, resolved=ended, signals=known),
    )
    return tuple(alert for alert in found if alert)


def resolved_at_end(analysis: Analysis) -> bool | None:
    """Whether the customer's last words say it is solved; None when they say neither."""
    turns = analysis.transcript.turns_of(Role.CUSTOMER)[-_LAST_TURNS:]
    last = {turn.index for turn in turns}
    hits = find_signals(analysis.transcript, names=("resolved", "unresolved"))
    ends = [hit for hit in hits if hit.evidence.turn_index in last]
    if any(hit.signal == "unresolved" for hit in ends):
        return False
    return True if ends else None


def _complaint(
    analysis: Analysis,
    hits: Sequence[SignalHit],
    course: SentimentCourse,
    *,
    contacts: int,
    resolved: bool | None,
    signals: Mapping[str, Signal],
) -> Alert | None:
    levels: dict[str, list[AlertReason]] = {"P1": [], "P2": [], "P3": []}
    levels["P1"] = _reasons(hits, _P1_SIGNALS, signals)
    if contacts >= _CONTACTS:
        levels["P1"].append(
            _say(
                "contacts",
                f"同一问题第 {contacts} 次联系",
                f"contact number {contacts} on one issue",
            )
        )
    levels["P2"] = _reasons(hits, _P2_SIGNALS, signals)
    if course.end is not None and course.end <= _P2_END and not resolved:
        levels["P2"].append(
            _say(
                "sad_end",
                f"通话末段情绪 {course.end:.2f}，且未见解决",
                f"sentiment at the end {course.end:.2f}, not resolved",
            )
        )
    if course.change is not None and course.change <= _TREND and (course.end or 0) < 0:
        levels["P3"].append(
            _say(
                "trend",
                f"情绪由 {course.start:.2f} 降到 {course.end:.2f}",
                f"sentiment fell from {course.start:.2f} to {course.end:.2f}",
            )
        )
    priority = next((level for level, reasons in levels.items() if reasons), None)
    if priority is None:
        return None
    return Alert(
        kind=AlertKind.COMPLAINT,
        call_id=analysis.call.id,
        priority=priority,
        reasons=tuple(reason for reasons in levels.values() for reason in reasons),
        respond_within_minutes=RESPONSE_MINUTES[priority],
    )


def _churn(
    analysis: Analysis,
    hits: Sequence[SignalHit],
    course: SentimentCourse,
    *,
    resolved: bool | None,
    signals: Mapping[str, Signal],
) -> Alert | None:
    reasons = [
        _pointed(reason, CHURN_POINTS[reason.code])
        for reason in _reasons(hits, ("cancel", "competitor", "repeat", "contract"), signals)
    ]
    if resolved is False:
        reasons.append(_say("unresolved", "通话末尾未解决", "not resolved at the end", points=15))
    if course.end is not None and course.end <= _SAD_END:
        reasons.append(
            _say(
                "sad_end",
                f"通话末段情绪 {course.end:.2f}",
                f"sentiment at the end {course.end:.2f}",
                points=CHURN_SAD_POINTS,
            )
        )
    points = sum(reason.points for reason in reasons)
    if points < CHURN_MEDIUM:
        return None
    return Alert(
        kind=AlertKind.CHURN,
        call_id=analysis.call.id,
        priority="high" if points >= CHURN_HIGH else "medium",
        reasons=tuple(reasons),
        points=points,
        note=NOT_A_PROBABILITY,
    )


def _reasons(
    hits: Sequence[SignalHit], names: Sequence[str], signals: Mapping[str, Signal]
) -> list[AlertReason]:
    found = []
    for name in names:
        evidence = tuple(hit.evidence for hit in hits if hit.signal == name)
        if evidence:
            found.append(AlertReason(code=name, text=signals[name].title, evidence=evidence))
    return found


def _say(code: str, zh: str, en: str, *, points: int = 0) -> AlertReason:
    return AlertReason(code=code, text=Bilingual(zh=zh, en=en), points=points)


def _pointed(reason: AlertReason, points: int) -> AlertReason:
    return AlertReason(code=reason.code, text=reason.text, evidence=reason.evidence, points=points)
