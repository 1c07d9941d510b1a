"""Replay: what a draft would change, before it counts."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

from scoring.engine import score
from scoring.replay import replay
from tests.conversations import FakeMatcher, agent, call, customer
from tests.scoring.cards import BANKS, small

MATCHER = FakeMatcher({**BANKS, "G2": ["星河"]})
OLD = small()
DRAFT = small(('version: "1"', 'version: "2"'), ("banks: [G1]", "banks: [G2]"))


def one(name, said, *, by="张"):
    analysis = call(agent(said), customer("好"))
    return replace(analysis, call=replace(analysis.call, id=name, agent_id=by))


CALLS = [
    one("1", "您好"),
    one("2", "您好，星河"),
    one("3", "星河", by="李"),
    one("4", "喂", by="李"),
]


def test_who_changes_and_by_how_much():
    report = replay(CALLS, OLD, DRAFT, matcher=MATCHER)
    assert (report.calls, report.changed, report.without_before) == (4, 2, 0)
    assert (report.mean_before, report.mean_after) == (70, 70)
    assert report.bands == {"A→B": 1, "B→A": 1}
    assert [(a.agent_id, a.calls, a.difference) for a in report.agents] == [
        ("张", 2, -30),
        ("李", 2, 30),
    ]
    greet, polite = report.criteria
    assert (greet.calls, greet.changed, greet.flips) == (4, 2, {"met→missed": 1, "missed→met": 1})
    assert [(f.call_id, f.agent_id, f.before, f.after) for f in greet.examples] == [
        ("1", "张", "met", "missed"), ("3", "李", "missed", "met"),
    ]  # fmt: skip
    assert greet.examples[1].quote == "星河"
    assert greet.examples[0].reason.zh
    assert polite.changed == 0


def test_the_same_scorecard_changes_nothing():
    report = replay(CALLS, OLD, OLD, matcher=MATCHER)
    assert report.changed == 0
    assert not report.bands


def test_old_results_may_come_from_the_store():
    stored = {c.call.id: score(c, OLD, matcher=MATCHER) for c in CALLS[:3]}
    report = replay(CALLS, lambda a: stored.get(a.call.id), DRAFT, matcher=MATCHER)
    assert (report.calls, report.without_before, report.changed) == (4, 1, 2)


def test_criteria_that_come_and_go_are_named():
    grown = small(("id: greet", "id: welcome"))
    report = replay(CALLS[:1], OLD, grown, matcher=MATCHER)
    assert {c.criterion_id: dict(c.flips) for c in report.criteria if c.changed} == {
        "welcome": {"absent→met": 1}, "greet": {"met→absent": 1},
    }  # fmt: skip


def test_suspicions_are_counted_before_and_after():
    report = replay(
        [one("5", "滚")],
        OLD,
        small(
            (
                "criterion: polite\n    rule: {kind: phrase, banks: [F4]}",
                "criterion: polite\n    rule: {kind: phrase, banks: [F4], at_least: 2}",
            )
        ),
        matcher=MATCHER,
    )
    assert report.findings == {"AF-1": (1, 0)}


def test_examples_are_few_and_memory_is_flat():
    report = replay(
        (one(str(i), "您好") for i in range(30)), OLD, DRAFT, matcher=MATCHER, examples=2
    )
    assert report.criteria[0].flips == {"met→missed": 30}
    assert len(report.criteria[0].examples) == 2

    def peak(count):
        tracemalloc.start()
        replay((one(str(i), "您好") for i in range(count)), OLD, DRAFT, matcher=MATCHER)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    few = peak(450)  # by then the collector runs regularly
    assert peak(900) < 1.2 * few


def test_nothing_to_replay():
    report = replay([], OLD, DRAFT, matcher=MATCHER)
    assert (report.calls, report.mean_before, report.agents) == (0, None, ())
