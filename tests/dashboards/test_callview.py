"""What the player is given: text cut where words and evidence meet, marks, sections."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.callview import COLOURS, CallView, Lane, pieces, player_data
from dashboards.texts import translate
from qa.analysis import Analysis, CallEvent, EventKind, Gap, Overlap, OverlapKind, SpeechStats
from qa.calls import Call, Role
from qa.evaluation import (
    Bilingual,
    CriterionClass,
    CriterionResult,
    Evaluation,
    EvaluationState,
    Evidence,
    Outcome,
    SectionResult,
    Verdict,
)
from qa.transcript import Transcript, Turn, Word


def english(key, **values):
    return translate(key, "en", **values)


def turn(text="您好，请问有什么可以帮您", words=(), **changes):
    base = {"index": 0, "role": Role.AGENT, "start_ms": 1000, "end_ms": 4000, "text": text}
    return Turn(**(base | {"words": words} | changes))


def result(outcome=Outcome.MET, evidence=(), *, review=False):
    verdict = Verdict(
        outcome=outcome,
        share=1.0 if outcome is Outcome.MET else 0.0,
        confidence=0.9,
        reason=Bilingual(zh="已问候", en="Greeted"),
        evidence=evidence,
        review=review,
    )
    return CriterionResult(
        criterion_id="S1.1",
        section_id="S1",
        name=Bilingual(zh="问候", en="Salutation"),
        weight=2,
        applied_weight=2,
        points=2 * verdict.share,
        critical_class=CriterionClass.NON_CRITICAL,
        verdict=verdict,
    )


def evaluation(*results):
    return Evaluation(
        call_id="c1",
        scorecard_id="service-standard",
        scorecard_version="1",
        digest="d",
        state=EvaluationState.SCORED,
        quality_percent=90.0,
        if_confirmed_percent=None,
        band="A",
        coverage=1.0,
        applicable_weight=100,
        positive_share=0.8,
        critical={},
        results=results,
        sections=(
            SectionResult(
                section_id="S1", name=Bilingual(zh="开场白", en="Opening"), weight=8, percent=50.0
            ),
        ),
    )


def data(*turns, card=None, events=(), stats=None, language="en"):
    transcript = Transcript(call_id="c1", language="zh", duration_ms=20_000, turns=turns)
    call = Call(id="c1", recording_id="r1")
    analysis = Analysis(call=call, transcript=transcript, events=events, stats=stats)
    view = CallView(
        analysis=analysis, evaluation=card, lanes=(Lane(role=Role.AGENT, peaks=(0.2, 1.7)),)
    )
    name = "en" if language == "en" else "zh-CN"
    return player_data(view, language, partial(_translate, name))


def _translate(language, key, **values):
    return translate(key, language, **values)


def clip(start, end, **changes):
    base = {"turn_index": 0, "start_ms": 1000, "end_ms": 2000, "quote": "您好", "rule": "G1"}
    return Evidence(**(base | {"char_start": start, "char_end": end} | changes))


@given(
    st.text(max_size=30),
    st.lists(
        st.tuples(
            st.integers(-2, 35),
            st.integers(-2, 35),
            st.sampled_from(["good", "half", "bad"]),
            st.just("S1"),
        ),
        max_size=4,
    ),
)
def test_pieces_always_join_to_the_text(text, quotes):
    assert "".join(piece["text"] for piece in pieces(turn(text), quotes)) == text


def test_words_carry_their_times_and_a_corrected_word_is_left_out():
    words = (
        Word(text="宽带", start_ms=1000, end_ms=1400),
        Word(text="宽袋", start_ms=1400, end_ms=1600),
        Word(text="故障", start_ms=1600, end_ms=2000),
    )
    cut = pieces(turn("宽带故障", words))
    assert [(piece["text"], piece.get("startMs")) for piece in cut] == [
        ("宽带", 1000),
        ("故障", 1600),
    ]


def test_where_quotes_overlap_the_worst_tone_shows():
    cut = pieces(turn("不知道"), [(0, 3, "good", "S1.1"), (1, 3, "bad", "S7.1")])
    assert [(piece["text"], piece["tone"]) for piece in cut] == [("不", "good"), ("知道", "bad")]
    assert cut[1]["title"] == "S1.1 · S7.1"


def test_a_result_shows_its_reason_points_and_clip():
    shown = data(turn(), card=evaluation(result(evidence=(clip(0, 2),))))
    (section,) = shown["sections"]
    (criterion,) = section["criteria"]
    assert (section["name"], section["score"]) == ("S1 Opening", "50 %")
    assert (criterion["points"], criterion["reason"]) == ("2.0 / 2", "Greeted")
    assert criterion["evidence"][0]["startMs"] == 1000
    assert shown["turns"][0]["pieces"][0] == {
        "text": "您好",
        "tone": "good",
        "title": "S1.1 Salutation",
    }


def test_the_interface_language_decides_names_and_reasons():
    shown = data(turn(), card=evaluation(result()), language="zh")
    assert shown["sections"][0]["name"] == "S1 开场白"
    assert shown["sections"][0]["criteria"][0]["reason"] == "已问候"
    assert shown["turns"][0]["who"] == "坐席"


@pytest.mark.parametrize(
    ("given", "opened"),
    [
        (result(Outcome.MET), False),
        (result(Outcome.MISSED, (clip(0, 2),)), False),
        (result(Outcome.MISSED), False),
        (result(Outcome.MET, review=True), True),
        (result(Outcome.NOT_APPLICABLE), False),
    ],
)
def test_only_what_needs_a_look_is_open(given, opened):
    shown = data(turn(), card=evaluation(given))
    assert shown["sections"][0]["criteria"][0]["open"] is opened


def test_evidence_of_what_does_not_apply_is_not_drawn():
    shown = data(turn(), card=evaluation(result(Outcome.NOT_APPLICABLE, (clip(0, 2),))))
    assert [mark for mark in shown["marks"] if mark.get("point")] == []


def test_hold_and_long_silence_can_be_skipped_and_short_silence_is_not_drawn():
    stats = SpeechStats(
        speech_start_ms=0,
        speech_end_ms=20_000,
        gaps=(
            Gap(start_ms=5000, end_ms=6000, owner=Role.AGENT),
            Gap(start_ms=8000, end_ms=12_000, owner=Role.AGENT),
        ),
        overlaps=(
            Overlap(
                start_ms=13_000,
                end_ms=14_000,
                by=Role.AGENT,
                turn_index=0,
                over_turn_index=1,
                kind=OverlapKind.MINOR,
            ),
        ),
    )
    hold = CallEvent(kind=EventKind.HOLD, start_ms=15_000, end_ms=19_000)
    shown = data(turn(), events=(hold,), stats=stats)
    skipped = [(mark["startMs"], mark["endMs"]) for mark in shown["marks"] if mark.get("quiet")]
    assert skipped == [(15_000, 19_000), (8000, 12_000)]
    assert COLOURS["overlap"] in {mark["colour"] for mark in shown["marks"]}
    assert shown["turns"][-1] == {"event": "— Hold, 4 s —"}


def test_a_call_without_score_or_turns_still_has_a_page():
    shown = data()
    assert (shown["turns"], shown["sections"]) == ([], [])
    assert shown["labels"]["noScore"] == "This call has not been scored yet."


def test_peaks_stay_inside_the_lane():
    assert data(turn())["lanes"][0]["peaks"] == [0.2, 1.0]
