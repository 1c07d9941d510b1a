"""Small valid values for tests: name what matters to the test, the rest is invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from qa.analysis import Analysis, CallEvent, EventKind, QualityIndex, SpeechStats, TurnSentiment
from qa.calls import Call, ChannelLayout, Direction, Recording, Role
from qa.evaluation import (
    Bilingual,
    CriterionClass,
    CriterionResult,
    CriticalFinding,
    CriticalState,
    Evaluation,
    EvaluationState,
    Evidence,
    Outcome,
    SectionResult,
    Verdict,
)
from qa.transcript import EngineStamp, RoleAssignment, Transcript, Turn, Word

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
STAMP = EngineStamp(name="replay", version="1", model="none", settings_digest="d1")


def make_recording(content="a", *, uri="", **changes):
    """A recording whose bytes are `content`."""
    hashed = sha256(content.encode()).hexdigest()
    facts = {
        "id": hashed[:16],
        "uri": uri or f"/calls/{content}.wav",
        "sha256": hashed,
        "size_bytes": len(content),
        "received_at": NOON,
        "duration_ms": 60_000,
    }
    return Recording(**(facts | changes))


def make_call(content="a", call_id="", **changes):
    """The call of `make_recording(content)`."""
    facts = {
        "id": call_id or f"call-{content}",
        "recording_id": make_recording(content).id,
        "started_at": NOON,
        "agent_id": "1001",
        "team": "甲组",
        "queue": "售后",
        "direction": Direction.INBOUND,
        "layout": ChannelLayout.AGENT_LEFT,
    }
    return Call(**(facts | changes))


def make_turn(index, role, text, *, start_ms=None, **changes):
    """A turn of two seconds, one every three seconds."""
    start = index * 3_000 if start_ms is None else start_ms
    speaker = {Role.AGENT: "left", Role.CUSTOMER: "right"}.get(role, "S9")
    facts = {"speaker": speaker, "start_ms": start, "end_ms": start + 2_000, "confidence": 0.9}
    return Turn(index=index, role=role, text=text, **(facts | changes))


def make_transcript(call_id="call-a", lines=None, **changes):
    """A transcript of `(role, text)` lines."""
    lines = lines or (
        (Role.AGENT, "您好，请问有什么可以帮您？"),
        (Role.CUSTOMER, "我要 100% 退款_投诉。"),
        (Role.AGENT, "Certainly, Sir."),
    )
    turns = [make_turn(index, role, text) for index, (role, text) in enumerate(lines)]
    turns[0] = make_turn(
        0,
        *lines[0],
        raw_text="您好 請問",
        language="zh",
        words=(Word(text="您好", start_ms=0, end_ms=400, confidence=0.75),),
    )
    facts = {
        "language": "zh",
        "duration_ms": 60_000,
        "turns": tuple(turns),
        "roles": RoleAssignment(
            roles={"left": Role.AGENT, "right": Role.CUSTOMER},
            confidence=0.8,
            reasons=("greeting",),
        ),
        "true_overlap": True,
        "stamps": (STAMP,),
        "flags": ("truncated",),
    }
    return Transcript(call_id=call_id, **(facts | changes))


def make_analysis(call, transcript, **changes):
    """An analysis with a little of everything."""
    facts = {
        "stats": SpeechStats(speech_start_ms=0, speech_end_ms=9_000, talk_ratio=0.6, overlaps=()),
        "events": (CallEvent(kind=EventKind.HOLD, start_ms=100, end_ms=200),),
        "sentiment": (TurnSentiment(turn_index=1, label="negative", score=-0.5),),
        "quality": QualityIndex(grade="A", word_confidence=0.9),
        "facts": {"call_type": "complaint"},
        "stamps": (STAMP,),
    }
    return Analysis(call=call, transcript=transcript, **(facts | changes))


def make_result(criterion_id="S1.1", outcome=Outcome.MET, share=1.0, *, weight=4.0, **verdict):
    """One criterion's result with one piece of evidence."""
    evidence = Evidence(turn_index=0, start_ms=0, end_ms=2_000, quote="您好", rule="greeting")
    facts = {"confidence": 0.9, "reason": Bilingual(zh="说了", en="said"), "evidence": (evidence,)}
    applied = 0.0 if outcome in (Outcome.NOT_APPLICABLE, Outcome.NOT_EVALUABLE) else weight
    return CriterionResult(
        criterion_id=criterion_id,
        section_id="S1",
        name=Bilingual(zh=f"标准{criterion_id}", en=f"Criterion {criterion_id}"),
        weight=weight,
        applied_weight=applied,
        points=share * applied,
        critical_class=CriterionClass.NON_CRITICAL,
        verdict=Verdict(outcome=outcome, share=share, **(facts | verdict)),
    )


def make_finding(code="AF-3", **changes):
    """A suspected auto-fail."""
    facts = {
        "criterion_id": "S1.1",
        "critical_class": CriterionClass.CUSTOMER,
        "state": CriticalState.SUSPECTED,
        "name": Bilingual(zh="辱骂客户", en="Abuse"),
        "confidence": 0.7,
    }
    return CriticalFinding(code=code, **(facts | changes))


def make_evaluation(call_id="call-a", quality=80.0, results=None, **changes):
    """An evaluation of two criteria, one missed."""
    results = results or (make_result(), make_result("S1.2", Outcome.MISSED, 0.0, review=True))
    facts = {
        "scorecard_id": "service-standard",
        "scorecard_version": "1",
        "digest": "card-1",
        "state": EvaluationState.SCORED,
        "quality_percent": quality,
        "if_confirmed_percent": quality,
        "band": "B",
        "coverage": 0.9,
        "applicable_weight": 100.0,
        "positive_share": 0.5,
        "critical": {"customer_critical": "pass"},
        "results": tuple(results),
        "sections": (
            SectionResult(
                section_id="S1", name=Bilingual(zh="开场", en="Opening"), weight=8, percent=50.0
            ),
        ),
        "stamps": (STAMP,),
    }
    return Evaluation(call_id=call_id, **(facts | changes))


def add_call(store, content="a", call_id="", **changes):
    """Recording and call in the store; returns the call."""
    store.recordings.add(make_recording(content))
    call = make_call(content, call_id, **changes)
    store.calls.add(call)
    return call


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now=NOON):
        self.now = now

    def __call__(self):
        return self.now

    def pass_seconds(self, seconds):
        self.now += timedelta(seconds=seconds)
