"""Lint: findings about a scorecard, with severity, line and advice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qa.errors import ScorecardError
from scoring.engine import score
from scoring.lint import ENOUGH_CALLS, lint_file, lint_scorecard
from scoring.loader import PACKAGED
from scoring.matching import default_matcher
from tests.conversations import FakeMatcher, agent, call, customer
from tests.scoring.cards import BANKS, SMALL, small


class _Bank:
    def __init__(self, side, **phrases):
        self.side, self.phrases = side, phrases


def lint(*changes, **how):
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return lint_scorecard(text, file="c.yaml", **{"examples": False, **how})


GREET = "rule: {kind: phrase, banks: [G1]}"


@pytest.mark.parametrize(
    ("old", "new", "severity", "message"),
    [
        ("        evidence: absence\n", "", "warning", "greet has no evidence rule"),
        ("evidence: words", "evidence: absence", "warning", "its evidence is absence"),
        (GREET, "rule: {kind: phrase}", "error", "names no bank and no text"),
        (GREET, "rule: {kind: phrase, banks: [G1], match: n_of, at_least: 2}", "error", "asks for 2 of only 1"),
        (GREET, "rule: {kind: all, rules: [{kind: phrase, banks: [G1]}, {kind: not, rule: {kind: phrase, banks: [G1]}}]}",
         "error", "asks for a rule and for its opposite"),
        (GREET, "rule: {kind: ladder, rungs: [{share: 1, when: {kind: phrase, banks: [G1]}}, {share: 0.5, when: {kind: phrase, banks: [G1]}}]}",
         "error", "rung 2 can never be reached"),
        (GREET, "rule: {kind: ladder, otherwise: 1, rungs: [{share: 1, when: {kind: phrase, banks: [G1]}}]}",
         "warning", "every rung gives 1"),
        (GREET, "rule: {kind: tally, name: {zh: 次, en: n}, of: [{rule: {kind: phrase, banks: [G1]}}], scale: [{share: 1, at_most: 2}, {share: 0.5, at_most: 1}]}",
         "error", "step of the scale can never be reached"),
        (GREET, "rule: {kind: regex, pattern: {en: '(g+)+h'}}", "error", "runs away"),
        (GREET, "applies_when: {kind: question}\n        " + GREET, "info", "does not say why it may not apply"),
        ("at_least: 0}\nsections", "at_least: 50}\nsections", "warning", "scores below 50 fall into band B"),
        ("sections:\n", "anchors: {lost: {kind: question}}\nsections:\n", "info", "anchor lost is not used"),
        ("weight: 4\n        class: customer_critical", "weight: 4\n        class: compliance_critical", None, ""),
        ("weight: 6\n", "weight: 7\n", "error", "its criteria sum to 6"),
    ],
)  # fmt: skip
def test_findings(old, new, severity, message):
    found = lint((old, new))
    hits = [p for p in found if message and message in p.message]
    if severity is None:
        assert not [p for p in found if p.severity == "error"]
        return
    assert hits, [str(p) for p in found]
    assert hits[0].severity == severity
    assert hits[0].line > 0
    assert hits[0].suggestion


def test_unknown_and_overlapping_banks():
    matcher = FakeMatcher(BANKS)
    matcher.banks = {
        "G1": _Bank("agent", zh=("您好",)),
        "F4": _Bank("agent", zh=("滚", "您好")),
        "F5": _Bank("customer", zh=("您好",)),
    }
    messages = [p.message for p in lint(matcher=matcher)]
    assert "banks F4 and G1 both list “您好”" in messages
    matcher.banks = {"G2": _Bank("agent", zh=("您好",)), "F4": _Bank("agent", zh=("滚",))}
    found = [p for p in lint(matcher=matcher) if "no phrase bank 'G1'" in p.message]
    assert found[0].suggestion == "did you mean G2?"


def test_criteria_that_never_vary_are_reported():
    evaluation = score(call(agent("您好"), customer("好")), small(), matcher=FakeMatcher(BANKS))
    stored = [replace(evaluation, call_id=str(i)) for i in range(ENOUGH_CALLS)]
    messages = [p.message for p in lint(stored=stored)]
    assert f"greet always passed in the last {ENOUGH_CALLS} calls" in messages
    assert not [m for m in (p.message for p in lint(stored=stored[1:])) if "always" in m]


def test_failing_examples_are_errors_with_a_line():
    bad = "examples: {must_hit: [{language: zh, say: ['A: 再见']}]}\n        " + GREET
    found = [
        p
        for p in lint((GREET, bad), examples=True, matcher=FakeMatcher(BANKS))
        if "examples" in p.field and p.severity == "error"
    ]
    assert "expected hit, got missed" in found[0].message
    assert found[0].line > 0


def test_everything_is_reported_at_once_in_order():
    found = lint(
        ("        evidence: absence\n", ""),
        ("evidence: words", "evidence: absence"),
        ("at_least: 0}\nsections", "at_least: 50}\nsections"),
    )
    assert len([p for p in found if p.severity == "warning"]) == 3
    assert [p.line for p in found] == sorted(p.line for p in found)


def test_an_unreadable_file_is_an_error(tmp_path):
    with pytest.raises(ScorecardError):
        lint_file(tmp_path / "absent.yaml")


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.yaml")), ids=lambda p: p.stem)
def test_packaged_scorecards_have_no_errors(path):
    found = lint_file(path, matcher=default_matcher())
    assert not [str(p) for p in found if p.severity == "error"]
