"""Calls scored per second per core from stored analyses: `python -m tests.benchmarks.replay`.

Stored means: the JSON of an analysis is decoded, then scored with a draft; no audio, no models.
Texts differ from call to call, so that nothing is faster here than on a night's calls.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import time
from dataclasses import replace

from qa.analysis import Analysis
from qa.codec import from_json, to_json
from qa.evaluation import Evaluation
from scoring.engine import load_scorecard, score
from scoring.loader import PACKAGED, parse_scorecard
from scoring.matching import default_matcher
from scoring.phrasefinds import find_phrases
from scoring.replay import ReplayReport, replay
from scoring.scorecard import Scorecard
from tests.conversations import generated_call, words

#: The draft's change: the survey invitation has to be asked twice.
TWICE = "{kind: phrase, banks: [X4], at_least: 2}"


def stored(seed: int, *, phrases: bool = True) -> bytes:
    """A five-minute call as the store keeps it, with word times and the phrases found."""
    analysis = generated_call(seed, language="zh" if seed % 2 else "en")
    turns = tuple(
        replace(t, words=words(t.text, start_ms=t.start_ms, each_ms=200, confidence=0.92))
        for t in analysis.transcript.turns
    )
    transcript = replace(analysis.transcript, turns=turns)
    found = find_phrases(transcript, default_matcher()) if phrases else None
    return to_json(replace(analysis, transcript=transcript, phrases=found)).encode()


def measure(calls: int) -> None:
    """Print a table: decoding, scoring, replay of a small draft and of a whole new scorecard."""
    matcher, card = default_matcher(), load_scorecard("service-standard")
    texts = [stored(seed) for seed in range(calls)]
    score(from_json(Analysis, stored(10**6)), card, matcher=matcher)  # compile patterns first
    new = [from_json(Analysis, stored(seed, phrases=False)) for seed in range(calls)]
    matcher = default_matcher().with_slots(company=())  # nothing remembered of these texts
    score(from_json(Analysis, stored(10**6, phrases=False)), card, matcher=matcher)
    searching, _ = timed(lambda: [score(a, card, matcher=matcher) for a in new])
    new.clear()
    matcher = default_matcher()
    decoding, analyses = timed(lambda: [from_json(Analysis, text) for text in texts])
    scoring, results = timed(lambda: [score(a, card, matcher=matcher) for a in analyses])
    analyses.clear()
    known = {r.call_id: to_json(r).encode() for r in results}
    del results
    text = (PACKAGED / "service-standard.yaml").read_text("utf-8")
    small = parse_scorecard(
        text.replace("{kind: phrase, banks: [X4]}", TWICE, 1), file="draft.yaml"
    )
    whole = parse_scorecard(text.replace("minimum_confidence: 0.6", "minimum_confidence: 0.61"))

    def run(draft: Scorecard) -> ReplayReport:
        return replay(
            (from_json(Analysis, text) for text in texts),
            lambda a: from_json(Evaluation, known[a.call.id]),
            draft,
            matcher=matcher,
            active=card,
        )

    some, report = timed(lambda: run(small))
    assert report.calls == calls
    everything, _ = timed(lambda: run(whole))
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, 1 used")
    print(f"calls: {calls} of five minutes; python {platform.python_version()}")
    for name, seconds in (
        ("decode an analysis", decoding),
        ("score, texts never seen", searching),
        ("score, phrases kept", scoring),
        ("replay, one criterion changed", some),
        ("replay, all criteria changed", everything),
    ):
        print(f"| {name:30} | {1000 * seconds / calls:7.2f} ms | {calls / seconds:7.0f} calls/s |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak memory {peak} MiB; reference loop {reference():.0f} ms (15 on a free modern core)")


def timed(work):
    """CPU seconds of a piece of work, and its result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def reference() -> float:
    """CPU milliseconds of a fixed loop: how fast this core is at the moment."""
    start = time.process_time()
    total = 0
    for number in range(300_000):
        total += number
    return 1000 * (time.process_time() - start)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calls", type=int, default=200)
    measure(options.parse_args().calls)
