"""Replay: what a draft would change, before it counts."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from qa.codec import to_json
from scoring.engine import load_scorecard, score
from scoring.loader import PACKAGED, parse_scorecard
from scoring.replay import replay
from scoring.reuse import lend, unchanged
from tests.conversations import FakeMatcher, agent, call, customer, generated_call
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


CHANGES = [
    lambda text: text.replace("weight: 5\n        class: non_critical\n        side: agent\n        evidence: measured", "weight: 5\n        class: business_critical\n        side: agent\n        evidence: measured", 1),
    lambda text: text.replace("rule: {kind: phrase, banks: [X4]}", "rule: {kind: phrase, banks: [X4], at_least: 2}", 1),
    lambda text: text.replace("rule: {kind: phrase, banks: [F8]}\n    bar", "rule: {kind: phrase, banks: [F8, F5]}\n    bar", 1),
    lambda text: text.replace("rule: {kind: empathy}", "rule: {kind: empathy, generic: 0.5}", 1),
    lambda text: text.replace("minimum_confidence: 0.6", "minimum_confidence: 0.9", 1),
    lambda text: text.replace("otherwise: inquiry", "otherwise: transaction", 1),
    lambda text: text.replace("solution: {kind: phrase, side: agent, banks: [R1]}", "solution: {kind: phrase, side: agent, banks: [R1, R3]}", 1),
    lambda text: text,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_taking_over_what_did_not_change_gives_the_same_bytes(number):
    text = (PACKAGED / "service-standard.yaml").read_text("utf-8")
    changed = CHANGES[number](text)
    assert number == len(CHANGES) - 1 or changed != text
    active, draft = parse_scorecard(text), parse_scorecard(changed, file="draft.yaml")
    same = unchanged(active, draft)
    lent_any = False
    for seed in range(6):
        analysis = generated_call(seed, minutes=2, language="zh" if seed % 2 else "en")
        lent = lend(score(analysis, active), same)
        lent_any |= bool(lent.verdicts)
        assert to_json(score(analysis, draft, lent=lent)) == to_json(score(analysis, draft))
    assert lent_any == (number not in (4, 5, 6))


def test_stored_results_of_another_scorecard_lend_nothing():
    other = {
        c.call.id: score(
            c, small(("weight: 4", "weight: 4.0")), matcher=FakeMatcher({"G1": ["嗯"]})
        )
        for c in CALLS
    }
    with_active = replay(CALLS, lambda a: other[a.call.id], DRAFT, matcher=MATCHER, active=OLD)
    without = replay(CALLS, lambda a: other[a.call.id], DRAFT, matcher=MATCHER)
    assert with_active == without


def test_results_of_a_packaged_scorecard_lend_by_themselves(monkeypatch):
    card = load_scorecard("service-standard")
    analysis = generated_call(5, minutes=1)
    stored = score(analysis, card)
    draft = card.model_copy(update={"version": "2"})
    judged = []
    monkeypatch.setattr("scoring.engine.judge", lambda item, view: judged.append(item.id))
    report = replay([analysis], lambda a: stored, draft)
    assert (report.changed, judged) == (0, [])
