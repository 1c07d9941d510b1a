"""The numbers of one call that figures about people are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from qa.analysis import Analysis
from qa.calls import Call
from qa.evaluation import CriterionClass, CriticalState, Evaluation
from qa.people.periods import month_of

#: Not for appraisal: volume and fillers depend on line and recogniser (dossier §4.6).
UNFAIR_CRITERIA = frozenset({"S6.2", "S6.3"})
#: The customer's mood needs this many turns before start and end mean anything (S11).
_MOOD_TURNS = 6
_CLASSES = (CriterionClass.CUSTOMER, CriterionClass.BUSINESS, CriterionClass.COMPLIANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A call's evaluation as it counts, after people have decided.

    Attributes:
        evaluation: With decisions laid over it.
        final_percent: Quality score after confirmed auto-fails.
        evaluation_id: Id of the machine's evaluation.
        decision_id: Newest decision considered; 0 without one.
        decided_at: When that was made.
    """

    evaluation: Evaluation
    final_percent: float | None
    evaluation_id: int
    decision_id: int = 0
    decided_at: datetime | None = None


def facts_of(
    call: Call,
    judged: Judged,
    analysis: Analysis | None,
    *,
    team: str,
    timezone: str,
    happened_at: datetime,
) -> dict[str, object]:
    """One row of `call_facts`.

    Args:
        call: Who, which queue.
        judged: The evaluation that counts.
        analysis: Measured speech; None where the call was scored from text alone.
        team: The team at the time of the call.
        timezone: The site's; day, month and hour are local ones.
        happened_at: Start of the call, else when the recording came in.
    """
    evaluation = judged.evaluation
    local = happened_at.astimezone(ZoneInfo(timezone))
    facts = dict(analysis.facts) if analysis else {}
    abusive = "abusive_customer" in {*facts, *evaluation.labels}
    return {
        "call_id": call.id,
        "evaluation_id": judged.evaluation_id,
        "decision_id": judged.decision_id,
        "agent_id": call.agent_id,
        "team": call.team or team,
        "queue": call.queue,
        "call_type": facts.get("call_type") or evaluation.labels.get("call_type", ""),
        "topic": facts.get("reason") or call.queue,
        "language": call.language or (analysis.transcript.language if analysis else ""),
        "customer_ref": call.customer_ref,
        "happened_at": happened_at,
        "day": local.date(),
        "month": month_of(local.date()),
        "hour": local.hour,
        "quality": judged.final_percent,
        "fair_quality": None if abusive else _fair_quality(judged),
        "coverage": evaluation.coverage,
        "non_critical": _non_critical(evaluation),
        **{kind.value: _state(evaluation, kind) for kind in _CLASSES},
        "confirmed": " ".join(
            sorted(f.code for f in evaluation.findings if f.state == CriticalState.CONFIRMED)
        ),
        "abusive": abusive,
        **_speech(analysis),
        "decided_at": judged.decided_at,
    }


def _fair_quality(judged: Judged) -> float | None:
    """The score without the criteria that are not fair to appraise; None where there is none."""
    final = judged.final_percent
    if not final:
        return final
    results = judged.evaluation.results
    if not any(r.criterion_id in UNFAIR_CRITERIA and r.applied_weight for r in results):
        return final
    kept = [r for r in results if r.applied_weight and r.criterion_id not in UNFAIR_CRITERIA]
    weight = sum(r.applied_weight for r in kept)
    # forms that add or deduct points have no share that could be taken out
    if not weight or any(r.points < 0 for r in kept):
        return final
    return 100 * sum(r.points for r in kept) / weight


def _non_critical(evaluation: Evaluation) -> float | None:
    mild = [r for r in evaluation.results if r.critical_class == CriterionClass.NON_CRITICAL]
    weight = sum(r.applied_weight for r in mild)
    if not weight:
        return None
    return sum(r.verdict.share * r.applied_weight for r in mild) / weight


def _state(evaluation: Evaluation, kind: CriterionClass) -> str:
    """pass, suspected or confirmed; empty where the class could not be assessed."""
    mine = {f.state for f in evaluation.findings if f.critical_class == kind}
    if CriticalState.CONFIRMED in mine:
        return "confirmed"
    said = evaluation.critical.get(kind.value, "")
    if said in ("fail", "confirmed"):
        return "confirmed"
    return said if said in ("pass", "suspected") else ""


def _speech(analysis: Analysis | None) -> Mapping[str, float | None]:
    names = ("handle_s", "talk_share", "hold_share", "dead_air_share", "latency_s")
    found: dict[str, float | None] = dict.fromkeys(
        (*names, "mood_low", "mood_end", "word_confidence")
    )
    if analysis is None:
        return found
    if analysis.quality is not None:
        found["word_confidence"] = analysis.quality.word_confidence
    if analysis.sentiment is not None:
        ordered = sorted(analysis.sentiment, key=lambda item: item.turn_index)
        found["mood_low"], found["mood_end"] = _mood([item.score for item in ordered])
    stats = analysis.stats
    if stats is None:
        return found
    length = stats.speech_end_ms - stats.speech_start_ms
    found["handle_s"] = length / 1000 if length > 0 else None
    found["talk_share"] = stats.talk_ratio
    found["hold_share"] = min(1.0, stats.hold_ms / length) if length > 0 else None
    found["dead_air_share"] = stats.metrics.get("silence_share")
    if stats.agent.latency_ms is not None:
        found["latency_s"] = stats.agent.latency_ms / 1000
    return found


def _mood(scores: Sequence[float]) -> tuple[float | None, float | None]:
    """Lowest 3-turn mean, and mean of the last fifth (at least 3 turns); dossier §2.1."""
    if len(scores) < _MOOD_TURNS:
        return None, None
    moving = [sum(scores[at : at + 3]) / 3 for at in range(len(scores) - 2)]
    edge = max(3, round(len(scores) * 0.2))
    return min(moving), sum(scores[-edge:]) / edge
