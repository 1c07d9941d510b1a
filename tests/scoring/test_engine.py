"""Scoring: arithmetic, outcomes, confidence, auto-fails, modes, profiles, reproducibility."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.analysis import QualityIndex
from qa.calls import Role
from qa.codec import from_json, to_json
from qa.evaluation import CriticalState, Evaluation, EvaluationState, Outcome
from scoring.engine import load_scorecard, score
from tests.conversations import (
    FakeMatcher,
    Said,
    agent,
    call,
    customer,
    generated_call,
    unknown,
    words,
)
from tests.scoring.cards import BANKS, small

MATCHER = FakeMatcher(BANKS)


def scored(analysis, *changes, **how):
    return score(analysis, small(*changes), matcher=MATCHER, **how)


def result(evaluation, name):
    return next(r for r in evaluation.results if r.criterion_id == name)


@pytest.mark.parametrize(
    ("said", "percent", "band"),
    [
        ([agent("您好")], 100, "A"),
        ([agent("喂")], 40, "B"),
        ([agent("您好，滚")], 60, "B"),
        ([agent("滚")], 0, "B"),
    ],
)
def test_the_weighted_score_and_its_band(said, percent, band):
    evaluation = scored(call(*said, customer("好")))
    assert (evaluation.quality_percent, evaluation.band) == (percent, band)
    assert evaluation.state == EvaluationState.SCORED


def test_not_applicable_leaves_the_denominator_and_not_evaluable_lowers_coverage():
    never = "applies_when: {kind: metric, name: turns, above: 99}\n        rule: {kind: phrase"
    evaluation = scored(
        call(agent("喂"), customer("好")),
        ("rule: {kind: phrase, banks: [G1]", never + ", banks: [G1]"),
    )
    assert result(evaluation, "greet").verdict.outcome == Outcome.NOT_APPLICABLE
    assert (evaluation.quality_percent, evaluation.coverage, evaluation.applicable_weight) == (
        100,
        1,
        40,
    )
    blind = "rule: {kind: semantic, sentences: {zh: [您好]}"
    evaluation = scored(
        call(agent("喂"), customer("好")), ("rule: {kind: phrase, banks: [G1]", blind)
    )
    assert result(evaluation, "greet").verdict.outcome == Outcome.NOT_EVALUABLE
    assert (evaluation.quality_percent, evaluation.coverage, evaluation.applicable_weight) == (
        100,
        0.4,
        100,
    )


def test_too_little_coverage_or_weight_needs_a_person():
    blind = ("rule: {kind: phrase, banks: [G1]", "rule: {kind: semantic, sentences: {zh: [您好]}")
    card = [blind, ("minimum_coverage: 0", "minimum_coverage: 0.7")]
    evaluation = scored(call(agent("喂"), customer("好")), *card)
    assert evaluation.state == EvaluationState.NEEDS_PERSON
    assert evaluation.quality_percent is None
    assert "40%" in evaluation.reasons[0].zh
    never = (
        "rule: {kind: phrase",
        "applies_when: {kind: metric, name: turns, above: 99}\n        rule: {kind: phrase",
    )
    evaluation = scored(
        call(agent("喂"), customer("好")),
        (never[0] + ", banks: [G1]", never[1] + ", banks: [G1]"),
        ("minimum_weight: 0", "minimum_weight: 45"),
    )
    assert evaluation.state == EvaluationState.NEEDS_PERSON
    assert evaluation.quality_percent is None


def test_a_section_is_shown_only_when_half_of_it_was_evaluated():
    blind = ("rule: {kind: phrase, banks: [G1]", "rule: {kind: semantic, sentences: {zh: [您好]}")
    evaluation = scored(call(agent("您好"), customer("好")), blind)
    assert [section.percent for section in evaluation.sections] == [None, 100]


def test_low_confidence_is_not_held_against_anybody():
    mumbled = scored(call(agent("喂", confidence=0.5), customer("好")))
    greet = result(mumbled, "greet").verdict
    assert greet.outcome == Outcome.NOT_EVALUABLE
    assert greet.review
    assert "0.50" in greet.reason.zh
    insult = scored(call(agent("您好"), agent("滚", confidence=0.5), customer("好")))
    assert insult.quality_percent == 100
    assert result(insult, "polite").verdict.review
    assert [f.state for f in insult.findings] == [CriticalState.CANDIDATE]


def test_unsure_roles_are_not_held_against_anybody():
    evaluation = scored(call(agent("滚"), customer("好"), role_confidence=0.5))
    assert result(evaluation, "polite").verdict.share == 1
    assert [f.state for f in evaluation.findings] == [CriticalState.CANDIDATE]
    assert evaluation.critical["customer_critical"] == "pass"


def test_word_confidence_counts_where_the_words_are():
    analysis = call(agent("您好滚"), customer("好"))
    turn = analysis.transcript.turns[0]
    clear, unclear = words("您好"), words("滚", start_ms=500, confidence=0.4)
    from dataclasses import replace

    transcript = replace(
        analysis.transcript,
        turns=(replace(turn, words=(*clear, *unclear)), *analysis.transcript.turns[1:]),
    )
    evaluation = scored(replace(analysis, transcript=transcript))
    assert result(evaluation, "greet").verdict.evidence[0].confidence == 0.95
    assert result(evaluation, "greet").verdict.evidence[0].end_ms == 500
    assert result(evaluation, "polite").verdict.share == 1


def test_an_auto_fail_is_suspected_never_confirmed_and_shown_beside_the_score():
    evaluation = scored(call(agent("您好，滚"), customer("好")))
    assert [(f.code, f.state) for f in evaluation.findings] == [("AF-1", CriticalState.SUSPECTED)]
    assert evaluation.findings[0].evidence[0].quote == "滚"
    assert (evaluation.quality_percent, evaluation.if_confirmed_percent) == (60, 0)
    assert evaluation.critical["customer_critical"] == "suspected"


def test_a_homophone_is_a_candidate_and_never_suspected():
    evaluation = scored(call(agent("您好，棍"), customer("好")))
    assert [f.state for f in evaluation.findings] == [CriticalState.CANDIDATE]
    assert (evaluation.quality_percent, evaluation.if_confirmed_percent) == (100, 100)


@pytest.mark.parametrize(
    ("scope", "after"), [("call", 0), ("section", 60), ("cap:59", 59), ("cap:80", 60)]
)
def test_auto_fails_have_a_scope(scope, after):
    changed = (
        "rule: {kind: phrase, banks: [F4]}\n",
        f"scope: '{scope}'\n    rule: {{kind: phrase, banks: [F4]}}\n",
    )
    card = small(
        (
            "criterion: polite\n    rule: {kind: phrase, banks: [F4]}\n",
            f"criterion: polite\n    {changed[1]}",
        )
    )
    evaluation = score(call(agent("您好，滚"), customer("好")), card, matcher=MATCHER)
    assert (evaluation.quality_percent, evaluation.if_confirmed_percent) == (60, after)


def test_points_mode_adds_bonus_points_on_top():
    card = small(
        ("mode: weighted, total: 10", "mode: points"),
        ("weight: 6\n        evidence", "weight: 1\n        bonus: true\n        evidence"),
        ("    weight: 6\n", ""),
    )
    assert score(call(agent("喂"), customer("好")), card, matcher=MATCHER).quality_percent == 100
    assert (
        score(call(agent("您好，滚"), customer("好")), card, matcher=MATCHER).quality_percent == 25
    )
    assert (
        score(call(agent("您好"), customer("好")), card, matcher=MATCHER).quality_percent == 100
    )  # ceiling


@pytest.mark.parametrize(
    ("said", "percent"), [("您好", 100), ("喂", 94), ("您好，滚", 96), ("滚", 92)]
)
def test_deduct_mode_starts_full_and_takes_off(said, percent):
    card = small(("mode: weighted", "mode: deduct, floor: 92"))
    evaluation = score(call(agent(said), customer("好")), card, matcher=MATCHER)
    assert evaluation.quality_percent == percent
    assert result(evaluation, "greet").points in (0, -6)


def test_deduct_mode_takes_nothing_off_for_what_cannot_be_evaluated():
    card = small(
        ("mode: weighted", "mode: deduct"),
        ("rule: {kind: phrase, banks: [G1]", "rule: {kind: semantic, sentences: {zh: [您好]}"),
    )
    assert score(call(agent("喂"), customer("好")), card, matcher=MATCHER).quality_percent == 100


PROFILE = (
    "sections:\n",
    "profiles:\n  - {id: strict, name: {zh: 严, en: Strict}, multiply: {S2: 9}, when: {kind: fact, field: metadata.desk, one_of: [a]}}\nsections:\n",
)


def test_a_profile_shifts_weights_and_keeps_the_total():
    analysis = call(agent("喂"), customer("好"), tags={"desk": "a"})
    evaluation = score(analysis, small(PROFILE), matcher=MATCHER)
    assert [r.weight for r in evaluation.results] == [pytest.approx(10 / 7), pytest.approx(60 / 7)]
    assert evaluation.labels["profile"] == "strict"
    assert evaluation.quality_percent == pytest.approx(85.71)
    plain = call(agent("喂"), customer("好"))
    assert score(plain, small(PROFILE), matcher=MATCHER).quality_percent == 40
    assert score(
        plain, small(PROFILE), matcher=MATCHER, profile="strict"
    ).quality_percent == pytest.approx(85.71)


@pytest.mark.parametrize(
    ("analysis", "state"),
    [
        (call(), EvaluationState.NOT_SCORABLE),
        (call(agent("  ")), EvaluationState.NOT_SCORABLE),
        (
            call(agent("您好"), customer("好"), quality=QualityIndex(grade="D", reasons=("snr",))),
            EvaluationState.NOT_SCORABLE,
        ),
        (call(agent("您好"), customer("好"), facts={"call_type": "void"}), EvaluationState.VOID),
        (call(unknown("您好"), unknown("好")), EvaluationState.NEEDS_PERSON),
    ],
)
def test_calls_that_get_no_score_say_why(analysis, state):
    evaluation = scored(analysis)
    assert evaluation.state == state
    assert evaluation.quality_percent is None
    assert evaluation.if_confirmed_percent is None
    assert evaluation.reasons[0].zh
    assert evaluation.reasons[0].en
    assert len(evaluation.results) == 2


def test_a_missed_behaviour_shows_the_stretch_that_was_searched():
    verdict = result(scored(call(agent("喂"), customer("好"))), "greet").verdict
    assert verdict.outcome == Outcome.MISSED
    assert verdict.evidence[0].rule == "searched"
    assert verdict.evidence[0].end_ms > verdict.evidence[0].start_ms


def test_words_evidence_is_needed_where_the_scorecard_says_so():
    changed = ("evidence: absence", "evidence: words")
    verdict = result(scored(call(agent("喂"), customer("好")), changed), "greet").verdict
    assert verdict.outcome == Outcome.NOT_EVALUABLE


def test_the_standard_needs_no_torch():
    code = "import sys, scoring.engine; bad = {'torch','av','librosa','transformers','streamlit','prefect'} & set(sys.modules); sys.exit(len(bad))"
    assert (
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode
        == 0
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_same_call_gives_the_same_bytes(language):
    card = load_scorecard("service-standard")
    analysis = generated_call(7, language=language)
    first = to_json(score(analysis, card))
    again = to_json(score(from_json(type(analysis), to_json(analysis)), card))
    assert first == again
    assert to_json(from_json(Evaluation, first)) == first


_TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["您好，请问有什么可以帮您", "我要投诉", "thank you for calling", "密码是一二三四五六", "滚", "请稍等",
                     "😀\u0000\u200b", "帮您 check 一下 refund", "\n\n", "工单号20240101001", "İstanbul ẞ ﬀ 您好"]),
)  # fmt: skip
_SAID = st.builds(
    Said,
    role=st.sampled_from(list(Role)),
    text=_TEXT,
    at=st.one_of(st.none(), st.floats(0, 11_000)),
    lasts=st.one_of(st.none(), st.floats(0, 300)),
    confidence=st.floats(0, 1),
    language=st.sampled_from(["", "zh", "en", "fr"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=st.lists(_SAID, max_size=12),
    language=st.sampled_from(["zh", "en", "", "fr", "zh-CN"]),
    timed=st.booleans(),
    stereo=st.booleans(),
    certain=st.floats(0, 1),
)
def test_any_call_is_scored_or_says_why_not(said, language, timed, stereo, certain):
    said = sorted(said, key=lambda one: one.at or 0)
    analysis = call(*said, language=language, timed=timed, stereo=stereo, role_confidence=certain)
    card = load_scorecard("service-standard")
    evaluation = score(analysis, card)
    assert to_json(evaluation) == to_json(score(analysis, card))
    assert len(evaluation.results) == len(list(card.criteria()))
    check_invariants(evaluation, analysis)


def check_invariants(evaluation, analysis):
    """What must be true of every evaluation."""
    if evaluation.state == EvaluationState.SCORED:
        assert 0 <= evaluation.quality_percent <= 100
        assert evaluation.if_confirmed_percent <= evaluation.quality_percent
    else:
        assert evaluation.quality_percent is None
        assert evaluation.reasons
    texts = {turn.index: turn.text for turn in analysis.transcript.turns}
    for item in evaluation.results:
        verdict = item.verdict
        judged = verdict.outcome in (Outcome.MET, Outcome.PARTIAL, Outcome.MISSED)
        assert item.applied_weight == (item.weight if judged else 0)
        assert 0 <= verdict.share <= 1
        assert verdict.reason.zh
        assert verdict.reason.en
        if verdict.share < 1 and judged:
            assert verdict.evidence, item.criterion_id
            assert verdict.confidence >= 0.6
        for evidence in verdict.evidence:
            if evidence.turn_index is not None:
                quoted = texts[evidence.turn_index][evidence.char_start : evidence.char_end]
                assert evidence.quote == quoted
    for finding in evaluation.findings:
        assert finding.state in (CriticalState.SUSPECTED, CriticalState.CANDIDATE)
        assert finding.evidence


def test_a_three_hour_call_is_scored():
    evaluation = score(generated_call(3, minutes=180), load_scorecard("service-standard"))
    assert evaluation.state == EvaluationState.SCORED
