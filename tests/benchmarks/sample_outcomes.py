"""Does the service standard say of the sample calls what a human would say?

    python tests/benchmarks/sample_outcomes.py              # scored from the true transcripts
    python tests/benchmarks/sample_outcomes.py --store URL  # what the night made of the audio

Prints agreement with the expected outcomes per criterion and every disagreement. From the true
transcripts it measures rules and phrase banks alone; from the store recognition comes on top. The
samples were written for this project: agreement here is a check, not a claim about other calls.
"""

from __future__ import annotations

import argparse
import csv
import json
import tomllib
from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path

from qa.acoustics import Acoustics, CallEvent, EventKind
from qa.calls import Call, ChannelLayout, Direction, Role
from qa.settings import SentimentSettings
from qa.transcript import RoleAssignment, Transcript, Turn
from scoring.analyse import Analysers, analyse_transcript
from scoring.engine import load_scorecard, score
from scoring.matching import default_matcher
from scoring.sentiment import create_sentiment

SAMPLES = Path(__file__).parents[2] / "samples"
OWN_COLUMNS = {"file", "call_id", "agent_id", "team", "queue", "started_at", "direction",
               "layout", "language", "customer", "synthetic"}  # fmt: skip


def truths():
    return [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((SAMPLES / "truth").glob("*.json"))
    ]


def listed():
    with (SAMPLES / "calls" / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return {row["call_id"]: row for row in csv.DictReader(file)}


def companies():
    settings = tomllib.loads((SAMPLES / "qa.toml").read_text(encoding="utf-8"))
    return settings["roles"]["company_names"]


def call_of(truth, row):
    return Call(
        id=truth["call_id"],
        recording_id=truth["call_id"],
        started_at=datetime.fromisoformat(row["started_at"]),
        agent_id=row["agent_id"],
        team=row["team"],
        queue=row["queue"],
        direction=Direction(truth["direction"]),
        layout=ChannelLayout(truth["layout"]),
        language=truth["language"],
        tags={name: value for name, value in row.items() if name not in OWN_COLUMNS and value},
    )


def transcript_of(truth):
    stereo = truth["layout"] != "mono"
    turns = tuple(
        Turn(
            index=turn["index"],
            role=Role(turn["role"]),
            speaker=turn["role"],
            start_ms=turn["start_ms"],
            end_ms=turn["end_ms"],
            text=turn["text"],
        )
        for turn in truth["turns"]
    )
    events = tuple(
        CallEvent(kind=EventKind(e["kind"]), start_ms=e["start_ms"], end_ms=e["end_ms"])
        for e in truth["events"]
    )
    return Transcript(
        call_id=truth["call_id"],
        language=truth["language"],
        duration_ms=truth["duration_ms"],
        turns=turns,
        roles=RoleAssignment(roles={role.value: role for role in Role}),
        true_overlap=stereo,
        acoustics=Acoustics(events=events),
    )


def scored(truths_):
    """Call id → evaluation of the true transcript."""
    sentiment, _ = create_sentiment(SentimentSettings(engine="lexicon"))
    matcher = default_matcher().with_slots(company=companies())
    analysers = Analysers(matcher=matcher, sentiment=sentiment)
    card, rows, found = load_scorecard("service-standard"), listed(), {}
    for truth in truths_:
        call = call_of(truth, rows[truth["call_id"]])
        analysis = analyse_transcript(call, transcript_of(truth), analysers)
        found[truth["call_id"]] = score(analysis, card, matcher=analysers.matcher)
    return found


def stored(url):
    """Call id → newest stored evaluation."""
    from qa.store import connect

    store = connect(url)
    found = {}
    for truth in truths():
        evaluation = store.evaluations.current(truth["call_id"])
        if evaluation is not None:
            found[truth["call_id"]] = evaluation
    return found


def compare(truths_, evaluations):
    agreed, asked, differences = Counter(), Counter(), defaultdict(list)
    for truth in truths_:
        evaluation = evaluations.get(truth["call_id"])
        if evaluation is None:
            differences[truth["call_id"]].append("not evaluated")
            continue
        results = {result.criterion_id: result.verdict for result in evaluation.results}
        for criterion, expected in truth["expected"].items():
            verdict = results.get(criterion)
            got = verdict.outcome.value if verdict else "absent"
            asked[criterion] += 1
            agreed[criterion] += got == expected
            if got != expected:
                reason = getattr(verdict.reason, "en", verdict.reason) if verdict else ""
                differences[truth["call_id"]].append(
                    f"{criterion:6} expected {expected:14} got {got:14} {reason}"
                )
    return agreed, asked, differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", default="", help="database of a night over samples/calls")
    options = parser.parse_args()
    facts = truths()
    evaluations = stored(options.store) if options.store else scored(facts)
    agreed, asked, differences = compare(facts, evaluations)
    for criterion in sorted(asked, key=lambda name: [int(n) for n in name[1:].split(".")]):
        print(f"{criterion:6} {agreed[criterion]:3} of {asked[criterion]:3}")
    for call_id, lines in differences.items():
        evaluation = evaluations.get(call_id)
        quality = evaluation.quality_percent if evaluation else None
        print(f"\n{call_id}  quality {quality}")
        print(*(f"  {line}" for line in lines), sep="\n")
    total = sum(asked.values())
    print(f"\nagreement {sum(agreed.values())} of {total} = {sum(agreed.values()) / total:.1%}")


if __name__ == "__main__":
    main()
