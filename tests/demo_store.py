"""A store with real evaluations of the sample calls, from their truth: no model, a few seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from flows.insight import find_insight, save_insight
from flows.judging import known_facts
from flows.site import open_site, site_ref
from qa.access import SYSTEM
from qa.acoustics import Acoustics, CallEvent, EventKind
from qa.calls import Call, Role
from qa.ingest import Ingested, ingest_many
from qa.settings import SentimentSettings
from qa.sources import SourceItem, list_source
from qa.store import Store, owner_id
from qa.transcript import EngineStamp, RoleAssignment, Transcript, Turn
from scoring.analyse import Analysers, analyse_transcript
from scoring.engine import score
from scoring.sentiment import create_sentiment
from transcription.quality import grade

SAMPLES = Path(__file__).parents[1] / "samples"
#: As if each call had been transcribed perfectly.
STAMP = EngineStamp(name="truth", version="1")


def truth_of(call_id: str) -> dict:
    """What is known about a sample call."""
    return json.loads((SAMPLES / "truth" / f"{call_id}.json").read_text(encoding="utf-8"))


def truth_transcript(call: Call) -> Transcript:
    """The transcript a perfect recogniser would give."""
    truth = truth_of(call.id)
    turns = tuple(
        Turn(speaker=turn["role"], role=Role(turn["role"]), **_times(turn))
        for turn in truth["turns"]
    )
    events = tuple(
        CallEvent(kind=EventKind(event["kind"]), start_ms=event["start_ms"], end_ms=event["end_ms"])
        for event in truth["events"]
    )
    return Transcript(
        call_id=call.id,
        language=truth["language"],
        duration_ms=truth["duration_ms"],
        turns=turns,
        roles=RoleAssignment(
            roles={role: Role(role) for role in {turn.speaker for turn in turns}},
            confidence=0.97,
            reasons=("truth",),
        ),
        true_overlap=truth["layout"] != "mono",
        acoustics=Acoustics(events=events),
        stamps=(STAMP,),
    )


def _times(turn: dict) -> dict:
    return {name: turn[name] for name in ("index", "start_ms", "end_ms", "text")}


def build_store(url: str) -> Store:
    """Enter the sample calls and score their truth; returns the open store."""
    site = replace(open_site(site_ref(store=url)), encoder=None)
    model, stamp = create_sentiment(SentimentSettings(engine="lexicon"))
    analysers = Analysers(matcher=site.matcher, sentiment=model, stamps=(stamp,))
    run = site.store.runs.start("demo", host=owner_id(), source="samples/calls")
    listed = [item for item in list_source(str(SAMPLES / "calls")) if isinstance(item, SourceItem)]
    seconds = 0.0
    for taken in ingest_many(listed, site.store):
        assert isinstance(taken, Ingested)
        transcript = truth_transcript(taken.call)
        seconds += transcript.duration_ms / 1000
        site.store.recordings.describe(
            replace(taken.recording, duration_ms=transcript.duration_ms, codec="pcm_mulaw")
        )
        site.store.transcripts.save(transcript, "truth")
        analysis = analyse_transcript(
            taken.call,
            transcript,
            analysers,
            quality=grade(transcript),
            facts=known_facts(taken.call, transcript, site),
        )
        site.store.analyses.save(analysis, "truth")
        save_insight(site, analysis, find_insight(site, analysis))
        evaluation = score(analysis, site.scorecard_for(analysis), matcher=site.matcher)
        site.store.evaluations.save(evaluation)
    site.store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
    counts = {"listed": len(listed), "new": len(listed), "transcribed": len(listed)}
    counts |= {"evaluated": len(listed), "failed": 0, "skipped": 0}
    site.store.runs.finish(run.id, counts | {"audio_seconds": seconds, "wall_seconds": 1.0})
    return site.store
