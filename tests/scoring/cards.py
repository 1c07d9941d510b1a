"""A small scorecard to change in tests."""

from __future__ import annotations

from scoring.loader import parse_scorecard
from scoring.scorecard import Scorecard

SMALL = """
id: small
version: "1"
name: {zh: 小卡, en: Small}
scoring: {mode: weighted, total: 10, minimum_weight: 0, minimum_coverage: 0}
bands:
  - {id: A, name: {zh: 优, en: A}, at_least: 80}
  - {id: B, name: {zh: 差, en: B}, at_least: 0}
sections:
  - id: S1
    name: {zh: 开场, en: Opening}
    weight: 6
    criteria:
      - id: greet
        name: {zh: 问候, en: Greeting}
        weight: 6
        evidence: absence
        rule: {kind: phrase, banks: [G1]}
  - id: S2
    name: {zh: 禁语, en: Forbidden}
    criteria:
      - id: polite
        name: {zh: 礼貌, en: Polite}
        weight: 4
        class: customer_critical
        evidence: words
        rule:
          kind: deductions
          faults: [{name: {zh: 侮辱, en: insult}, each: 1, rule: {kind: phrase, banks: [F4]}}]
auto_fails:
  - code: AF-1
    name: {zh: 侮辱, en: Insult}
    class: customer_critical
    criterion: polite
    rule: {kind: phrase, banks: [F4]}
"""

BANKS = {"G1": ["您好", "hello"], "F4": ["滚", ("棍", "homophone", 0.75)]}


def small(*changes: tuple[str, str]) -> Scorecard:
    """The small scorecard with texts replaced, each exactly once."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, (old, text.count(old))
        text = text.replace(old, new)
    return parse_scorecard(text, file="small.yaml")
