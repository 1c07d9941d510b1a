"""Accepting all that the machine said leaves its figures alone, in every mode of scoring."""

import pytest

from qa.review.effective import effective
from qa.review.values import Decision, DecisionKind
from scoring.engine import score
from scoring.form import form_rules
from scoring.loader import load_scorecard
from tests.builders import NOON, make_analysis, make_call, make_transcript


@pytest.fixture(scope="module")
def card():
    return load_scorecard("service-standard")


@pytest.mark.parametrize("mode", ["weighted", "points", "deduct"])
def test_accepting_everything_changes_no_figure(card, mode):
    card = card.model_copy(update={"scoring": card.scoring.model_copy(update={"mode": mode})})
    scored = score(make_analysis(make_call(), make_transcript()), card)
    decisions = [
        Decision(
            id=at,
            review_id=1,
            call_id=scored.call_id,
            evaluation_id=1,
            scorecard_id=scored.scorecard_id,
            scorecard_version=scored.scorecard_version,
            digest=scored.digest,
            subject=result.criterion_id,
            version=1,
            kind=DecisionKind.ACCEPT,
            outcome=result.verdict.outcome,
            share=result.verdict.share,
            machine_outcome=result.verdict.outcome.value,
            machine_share=result.verdict.share,
            machine_confidence=0.5,
            overrides=False,
            cause=None,
            comment="",
            clip_ms=None,
            conflict_with=None,
            round=0,
            made_by="mei",
            made_at=NOON,
        )
        for at, result in enumerate(scored.results, 1)
    ]
    after = effective(scored, decisions, form_rules(card)).evaluation
    for name in (
        "quality_percent",
        "band",
        "coverage",
        "applicable_weight",
        "sections",
        "state",
        "if_confirmed_percent",
    ):
        assert getattr(after, name) == getattr(scored, name), name
