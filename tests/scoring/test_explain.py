"""Explain: the rule tree with every sub-result, measured against threshold, nearest miss."""

from __future__ import annotations

import pytest

from qa.errors import NotFoundError
from scoring.engine import load_scorecard, score
from scoring.explain import explain
from tests.conversations import FakeMatcher, agent, call, customer, gap
from tests.scoring.cards import BANKS, small


def test_a_miss_shows_the_closest_phrase():
    found = explain(call(agent("喂"), customer("好")), small(), "greet", matcher=FakeMatcher(BANKS))
    assert found.tree.nearest == (0.5, "您好")
    assert "最接近的用语：“您好”，相似度 0.50" in found.render("zh")
    assert "closest phrase: “您好”, similarity 0.50" in found.render("en")


def test_a_hit_shows_its_quote_time_and_rule():
    shown = explain(
        call(agent("您好"), customer("好")), small(), "greet", matcher=FakeMatcher(BANKS)
    ).render("en")
    assert "greet Greeting: met 1.00" in shown
    assert "✓ phrase any G1" in shown
    assert "0:00 “您好” G1 exact 1.00/0.95" in shown


def test_what_was_measured_stands_beside_the_threshold():
    analysis = call(agent("好", at=0, lasts=1), customer("嗯", at=40), gaps=[gap(1, 13.4)])
    shown = explain(analysis, load_scorecard("service-standard"), "S3.4").render("zh")
    assert "测得 12.4 秒无应答，阈值 10 秒" in shown
    assert "longest_gap_s=12.4" in shown


def test_a_criterion_that_was_not_asked_still_shows_its_tree():
    found = explain(call(agent("您好"), customer("好")), load_scorecard("service-standard"), "S9")
    assert found.verdict.outcome == "not_applicable"
    assert found.applies.share == 0
    assert len(found.tree.children) == 6


def test_every_alternative_is_evaluated_for_the_explanation():
    found = explain(call(agent("您好"), customer("好")), load_scorecard("service-standard"), "S1.1")
    assert len(found.tree.children) == 3


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_explanation_agrees_with_the_score(language):
    from tests.conversations import generated_call

    card = load_scorecard("service-standard")
    analysis = generated_call(11, language=language)
    for result in score(analysis, card).results:
        found = explain(analysis, card, result.criterion_id)
        assert found.verdict.outcome == result.verdict.outcome, result.criterion_id
        assert found.verdict.share == result.verdict.share, result.criterion_id
        assert found.render("zh")
        assert found.render("en")


def test_an_unknown_criterion_is_an_error():
    with pytest.raises(NotFoundError, match="known: greet, polite"):
        explain(call(agent("您好")), small(), "nope", matcher=FakeMatcher(BANKS))
