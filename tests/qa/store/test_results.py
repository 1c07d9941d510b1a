"""Transcripts, analyses and evaluations: exactly what went in comes out; one of each is current."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa.calls import Role
from qa.errors import NotFoundError, StoreError
from qa.evaluation import Bilingual, EvaluationState
from qa.settings import PrivacySettings
from qa.store import CallFilter
from qa.store import tables as t
from qa.transcript import RoleAssignment, Transcript, Turn, Word
from tests.builders import (
    add_call,
    make_analysis,
    make_evaluation,
    make_finding,
    make_result,
    make_transcript,
    make_turn,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
MOMENTS = st.integers(0, 2**40)
SHARES = st.floats(0, 1)
WORDS = st.builds(Word, text=TEXTS, start_ms=MOMENTS, end_ms=MOMENTS, confidence=SHARES)
TURNS = st.builds(
    Turn,
    index=st.just(0),
    role=st.sampled_from(Role),
    start_ms=MOMENTS,
    end_ms=MOMENTS,
    text=TEXTS,
    raw_text=TEXTS,
    speaker=st.sampled_from(["S0", "left", ""]),
    language=st.sampled_from(["", "zh", "en"]),
    words=st.lists(WORDS, max_size=3).map(tuple),
    confidence=SHARES,
)


def test_a_transcript_comes_back_as_it_went_in(store):
    add_call(store)
    transcript = make_transcript("call-a")
    store.transcripts.save(transcript, "d1")
    assert store.transcripts.load("call-a") == transcript


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURNS, max_size=4))
def test_any_transcript_comes_back_as_it_went_in(open_store, turns):
    store = open_store(privacy=PrivacySettings(redact=False))
    add_call(store)
    numbered = tuple(replace(turn, index=index) for index, turn in enumerate(turns))
    transcript = Transcript(call_id="call-a", language="zh", duration_ms=1, turns=numbered)
    store.transcripts.save(transcript, "any")
    assert store.transcripts.load("call-a") == transcript


def test_a_new_engine_makes_a_new_current_transcript_and_keeps_the_old(store):
    add_call(store)
    old = make_transcript("call-a")
    new = make_transcript("call-a", ((Role.AGENT, "全新的文字"),))
    store.transcripts.save(old, "d1")
    store.transcripts.save(new, "d2")
    assert store.transcripts.load("call-a") == new
    assert store.transcripts.load("call-a", digest="d1") == old
    assert store.calls.find(CallFilter(text="退款")) == []
    assert len(store.calls.find(CallFilter(text="全新"))) == 1


def test_saving_the_same_digest_again_replaces(store):
    add_call(store)
    store.transcripts.save(make_transcript("call-a"), "d1")
    again = make_transcript("call-a", ((Role.AGENT, "再来一次"),))
    store.transcripts.save(again, "d1")
    assert store.transcripts.load("call-a") == again
    with store.database.reading() as connection:
        for table in (t.transcripts, t.turns, t.transcript_bodies):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 1


@pytest.mark.parametrize("kind", ["transcripts", "analyses", "evaluations"])
def test_what_is_missing_is_named(store, kind):
    with pytest.raises(NotFoundError, match="call-x"):
        getattr(store, kind).load("call-x")


SWAPPED = {"left": Role.CUSTOMER, "right": Role.AGENT}


def test_a_person_swaps_the_roles_and_nothing_is_lost(store):
    add_call(store)
    transcript = make_transcript("call-a")
    store.transcripts.save(transcript, "d1")
    store.transcripts.override_roles("call-a", SWAPPED, made_by="王五", note="听过了")
    loaded = store.transcripts.load("call-a")
    assert [turn.role for turn in loaded.turns] == [Role.CUSTOMER, Role.AGENT, Role.CUSTOMER]
    assert loaded.roles.confidence == 1.0
    assert loaded.roles.reasons == ("greeting", "person 王五")
    assert store.transcripts.load("call-a", with_overrides=False) == transcript
    assert store.transcripts.role_override("call-a").note == "听过了"


def test_the_newest_word_on_the_roles_counts(store):
    add_call(store)
    transcript = make_transcript("call-a")
    store.transcripts.save(transcript, "d1")
    store.transcripts.override_roles("call-a", SWAPPED, made_by="王五")
    store.transcripts.override_roles("call-a", transcript.roles.roles, made_by="赵六")
    loaded = store.transcripts.load("call-a")
    assert [turn.role for turn in loaded.turns] == [turn.role for turn in transcript.turns]


@pytest.mark.parametrize(
    ("speakers", "holds"),
    [(("left", "right"), True), (("S0", "S1"), False)],
    ids=["channels mean the same", "labels of another engine do not"],
)
def test_a_swap_outlives_a_new_engine_only_for_channels(store, speakers, holds):
    add_call(store)
    agent, customer = speakers
    turns = (
        make_turn(0, Role.AGENT, "您好", speaker=agent),
        make_turn(1, Role.CUSTOMER, "喂", speaker=customer),
    )
    store.transcripts.save(make_transcript("call-a", turns=turns), "d1")
    store.transcripts.override_roles(
        "call-a", {agent: Role.CUSTOMER, customer: Role.AGENT}, made_by="王五"
    )
    store.transcripts.save(make_transcript("call-a", turns=turns), "d2")
    swapped = store.transcripts.load("call-a").turns[0].role == Role.CUSTOMER
    assert swapped is holds


def test_an_analysis_comes_back_as_it_went_in(store):
    call = add_call(store, tags={"产品": "宽带"})
    transcript = make_transcript("call-a")
    store.transcripts.save(transcript, "d1")
    analysis = make_analysis(call, transcript)
    store.analyses.save(analysis, "a1")
    assert store.analyses.load("call-a") == analysis
    assert store.analyses.digest_of("call-a") == "a1"


def test_an_analysis_keeps_the_roles_it_was_made_with(store):
    call = add_call(store)
    transcript = make_transcript("call-a")
    store.transcripts.save(transcript, "d1")
    store.analyses.save(make_analysis(call, transcript), "a1")
    store.transcripts.override_roles("call-a", SWAPPED, made_by="王五")
    assert store.analyses.load("call-a").transcript == transcript
    swapped = store.transcripts.load("call-a")
    store.analyses.save(make_analysis(call, swapped), "a2")
    assert store.analyses.load("call-a").transcript == swapped
    assert store.analyses.load("call-a", digest="a1").transcript == transcript


def test_an_analysis_needs_its_transcript(store):
    call = add_call(store)
    with pytest.raises(NotFoundError):
        store.analyses.save(make_analysis(call, make_transcript("call-a")), "a1")


def test_evaluations_append_and_the_newest_is_current(store):
    add_call(store)
    first = store.evaluations.save(make_evaluation("call-a", 60.0, findings=(make_finding(),)))
    second_value = make_evaluation("call-a", 90.0, digest="card-2")
    second = store.evaluations.save(second_value)
    assert store.evaluations.ids_of("call-a") == [first, second]
    assert store.evaluations.current_id("call-a") == second
    assert store.evaluations.load("call-a") == second_value
    assert store.evaluations.get(first).quality_percent == 60.0
    assert store.calls.find(CallFilter(finding_codes=("AF-3",))) == []


def test_what_if_scoring_is_kept_and_not_shown(store):
    add_call(store)
    real = store.evaluations.save(make_evaluation("call-a", 60.0))
    trial = store.evaluations.save(make_evaluation("call-a", 99.0), current=False)
    assert store.evaluations.current_id("call-a") == real
    assert store.evaluations.get(trial).quality_percent == 99.0
    assert store.calls.row("call-a").quality_percent == 60.0
    assert store.frames.criteria_frame()["applied"].sum() == 2


def test_an_unscorable_call_has_no_score(store):
    add_call(store)
    evaluation = make_evaluation(
        "call-a", None, if_confirmed_percent=None, state=EvaluationState.NOT_SCORABLE
    )
    store.evaluations.save(evaluation)
    assert store.evaluations.load("call-a") == evaluation
    assert store.calls.row("call-a").quality_percent is None


def test_an_unknown_evaluation_is_named(store):
    with pytest.raises(NotFoundError, match="42"):
        store.evaluations.get(42)


def test_results_need_their_call(store):
    with pytest.raises(NotFoundError, match="call-a"):
        store.evaluations.save(make_evaluation("call-a"))
    with pytest.raises(StoreError, match="not in the store"):
        store.evaluations.save(make_evaluation("call-a"), current=False)


def test_writers_that_meet_leave_one_current_of_each(store):
    call = add_call(store)
    transcript = make_transcript("call-a")
    store.transcripts.save(transcript, "d0")
    failures = []

    def write(worker):
        try:
            for number in range(8):
                digest = f"{worker}-{number}"
                store.transcripts.save(transcript, digest)
                store.analyses.save(make_analysis(call, transcript), digest)
                store.evaluations.save(make_evaluation("call-a", float(number)))
        except Exception as error:  # noqa: BLE001 - any failure of a thread counts
            failures.append(error)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.evaluations.ids_of("call-a")) == 24
    with store.database.reading() as connection:
        for table in (t.transcripts, t.analyses, t.evaluations):
            current = sa.select(sa.func.count()).where(table.c.is_current)
            assert connection.scalar(current) == 1
        results = (
            sa.select(t.criterion_results.c.evaluation_id)
            .distinct()
            .where(t.criterion_results.c.is_current)
        )
        assert connection.scalars(results).all() == [store.evaluations.current_id("call-a")]


def test_long_names_of_criteria_fit(store):
    add_call(store)
    name = Bilingual(zh="很长的名字" * 100, en="a very long name " * 40)
    result = replace(make_result(), name=name)
    evaluation = make_evaluation("call-a", results=(result,), findings=(make_finding(name=name),))
    store.evaluations.save(evaluation)
    assert store.frames.criteria_frame()["name_zh"].tolist() == [name.zh]
    assert store.evaluations.load("call-a") == evaluation


def test_empty_roles_change_nothing(store):
    add_call(store)
    transcript = make_transcript("call-a", roles=RoleAssignment())
    store.transcripts.save(transcript, "d1")
    assert store.transcripts.load("call-a") == transcript
