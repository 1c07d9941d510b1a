"""The arithmetic of reviews is that of the engine, on every sample call and mode."""

import pytest

from qa.review.effective import effective
from qa.review.totals import critical_states, sections_again, totals
from qa.review.values import Decision, DecisionKind
from scoring.arithmetic import if_confirmed
from scoring.arithmetic import totals as engine_totals
from scoring.critical import critical_states as engine_critical
from scoring.engine import score
from scoring.form import form_rules
from scoring.loader import load_scorecard
from tests.builders import NOON, make_analysis, make_call, make_transcript


@pytest.fixture(scope="module")
def card():
    return load_scorecard("service-standard")


@pytest.fixture(scope="module")
def scored(card):
    return score(make_analysis(make_call(), make_transcript()), card)


@pytest.mark.parametrize("mode", ["weighted", "points", "deduct"])
def test_reviews_compute_as_the_engine_does(card, scored, mode):
    other = card.model_copy(update={"scoring": card.scoring.model_copy(update={"mode": mode})})
    form = form_rules(other)
    ours, theirs = totals(scored.results, form), engine_totals(other, scored.results)
    assert (ours.percent, ours.applicable, ours.coverage, ours.positive_share) == (
        theirs.percent,
        theirs.applicable,
        theirs.coverage,
        theirs.positive_share,
    )


def test_sections_and_critical_states_match(card, scored):
    assert sections_again(scored.sections, scored.results) == scored.sections
    states = critical_states(scored.results, scored.findings, {}, form_rules(card))
    assert states == engine_critical(card, scored.results, scored.findings) == scored.critical


def test_accepting_everything_changes_no_figure(card, scored):
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
    for name in ("quality_percent", "band", "coverage", "applicable_weight", "sections", "state"):
        assert getattr(after, name) == getattr(scored, name), name
    percent = scored.quality_percent
    assert after.if_confirmed_percent == if_confirmed(
        card, scored.results, scored.findings, percent
    )
