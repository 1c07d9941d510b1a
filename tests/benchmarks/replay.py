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
from scoring.engine import load_scorecard, score
from scoring.matching import default_matcher
from scoring.replay import replay
from tests.conversations import generated_call, words


def stored(seed: int) -> bytes:
    """A five-minute call as the store keeps it, with word times."""
    analysis = generated_call(seed, language="zh" if seed % 2 else "en")
    turns = tuple(
        replace(t, words=words(t.text, start_ms=t.start_ms, each_ms=200, confidence=0.92))
        for t in analysis.transcript.turns
    )
    return to_json(replace(analysis, transcript=replace(analysis.transcript, turns=turns))).encode()


def measure(calls: int) -> None:
    """Print a table: decoding, scoring, both, replay against stored results."""
    matcher, card = default_matcher(), load_scorecard("service-standard")
    texts = [stored(seed) for seed in range(calls)]
    score(from_json(Analysis, stored(10**6)), card, matcher=matcher)  # compile patterns first
    decoding, analyses = timed(lambda: [from_json(Analysis, text) for text in texts])
    scoring, results = timed(lambda: [score(a, card, matcher=matcher) for a in analyses])
    again, _ = timed(lambda: [score(a, card, matcher=matcher) for a in analyses])
    known = {r.call_id: r for r in results}
    draft = card.model_copy(update={"version": "2"})
    whole, report = timed(
        lambda: replay(
            (from_json(Analysis, text) for text in texts),
            lambda a: known.get(a.call.id),
            draft,
            matcher=matcher,
        )
    )
    assert report.calls == calls
    turns = sum(len(a.transcript.turns) for a in analyses) / calls
    print(f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, 1 used")
    print(f"calls: {calls}, {turns:.0f} turns each; python {platform.python_version()}")
    for name, seconds in (
        ("decode", decoding),
        ("score, new texts", scoring),
        ("score, known texts", again),
        ("replay, decode included", whole),
    ):
        print(f"| {name:24} | {1000 * seconds / calls:7.2f} ms | {calls / seconds:7.0f} calls/s |")
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
