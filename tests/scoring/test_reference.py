"""The rule reference and the example scorecards: current, and correct."""

from __future__ import annotations

import pytest

from qa.evaluation import EvaluationState
from scoring.criteria.union import Rule
from scoring.engine import load_scorecard, score
from scoring.lint import lint_file
from scoring.loader import PACKAGED, list_scorecards
from scoring.matching import default_matcher
from scoring.reference import rule_reference
from tests.conversations import agent, call, customer

EXAMPLES = sorted((PACKAGED / "examples").glob("*.yaml"))


def test_the_reference_is_current():
    assert (PACKAGED / "RULES.md").read_text(encoding="utf-8") == rule_reference()


def test_the_reference_names_every_kind():
    from typing import get_args

    text = rule_reference()
    for model in get_args(get_args(Rule)[0]):
        kind = get_args(model.model_fields["kind"].annotation)[0]
        assert f"\n## {kind}\n" in text
        assert model.__doc__


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_are_sound(path):
    found = lint_file(path, matcher=default_matcher())
    assert not [str(p) for p in found if p.severity == "error"]


def test_examples_are_not_used_unasked():
    assert not {path.stem for path in EXAMPLES} & set(list_scorecards())


@pytest.mark.parametrize(
    ("said", "percent", "confirmed"),
    [
        (["您好，这里是星河宽带客服中心", "我理解您的心情", "感谢您的来电，再见"], 105, 105),
        (["您好，这里是星河宽带客服中心", "好的", "感谢您的来电，再见"], 100, 100),
        (["喂", "这个不归我管", "嗯"], 80, 80),
        (["您好，这里是星河宽带客服中心", "你有病吧", "感谢您的来电，再见"], 90, 60),
    ],
)
def test_the_deduction_example(said, percent, confirmed):
    turns = [turn for text in said for turn in (agent(text), customer("嗯嗯"))]
    evaluation = score(call(*turns), load_scorecard(PACKAGED / "examples" / "deduction.yaml"))
    assert evaluation.state == EvaluationState.SCORED
    assert evaluation.quality_percent == pytest.approx(percent, abs=0.01)
    assert evaluation.if_confirmed_percent == pytest.approx(confirmed, abs=0.01)
