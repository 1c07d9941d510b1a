"""Frames: the same numbers as by hand, typed columns, empty ones too."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from qa.errors import StoreError
from qa.evaluation import Outcome
from qa.store import Agent, CallFilter, CallRow, Problem, StageDone, StageKey
from tests.builders import (
    NOON,
    add_call,
    make_evaluation,
    make_finding,
    make_recording,
    make_result,
)

FORMULA = '=HYPERLINK("http://x")<b>'


@pytest.fixture
def filled(store):
    """Agent 1001 with scores 60 and 80, agent 1002 with 90, and one call without a score."""
    plan = (("a", "1001", 60.0), ("b", "1001", 80.0), ("c", "1002", 90.0), ("d", "1002", None))
    for number, (content, agent, score) in enumerate(plan):
        add_call(store, content, agent_id=agent, started_at=NOON + timedelta(hours=number))
        if score is not None:
            results = (
                make_result("S1.1", Outcome.MET),
                make_result("S1.2", Outcome.MISSED, 0.0, review=content == "a"),
                make_result("S1.3", Outcome.NOT_APPLICABLE, 0.0),
                make_result("S1.4", Outcome.PARTIAL if content == "a" else Outcome.MET, 0.5),
            )
            findings = (make_finding(),) if content == "a" else ()
            store.evaluations.save(
                make_evaluation(f"call-{content}", score, results, findings=findings)
            )
    store.roster.save([Agent(agent_id="1001", valid_from=date(2025, 1, 1), name=FORMULA)])
    return store


def test_calls_frame_has_the_fields_of_the_list(filled):
    frame = filled.frames.calls_frame()
    assert list(frame.columns) == list(CallRow.__slots__)
    assert frame["call_id"].tolist() == ["call-d", "call-c", "call-b", "call-a"]
    assert frame["quality_percent"].tolist()[1:] == [90.0, 80.0, 60.0]
    assert math.isnan(frame["quality_percent"][0])
    assert frame["happened_at"][3] == NOON
    assert frame["agent_name"][3] == FORMULA  # raw: whoever shows or exports it escapes


def test_calls_frame_of_some_columns_and_one_page(filled):
    frame = filled.frames.calls_frame(
        CallFilter(evaluated=True), columns=("call_id", "quality_percent"), order="lowest", limit=2
    )
    assert frame.to_dict("list") == {
        "call_id": ["call-a", "call-b"],
        "quality_percent": [60.0, 80.0],
    }
    with pytest.raises(StoreError, match="no column 'body'"):
        filled.frames.calls_frame(columns=("body",))


def test_agents_frame(filled):
    frame = filled.frames.agents_frame().set_index("agent_id")
    one, two = frame.loc["1001"], frame.loc["1002"]
    assert (one["calls"], one["scored"], one["mean_quality"]) == (2, 2, 70.0)
    assert one["sd_quality"] == pytest.approx(math.sqrt(200))
    assert (one["min_quality"], one["max_quality"], one["mean_coverage"]) == (60, 80, 0.9)
    assert (one["with_findings"], one["with_review"], one["audio_ms"]) == (1, 1, 120_000)
    assert (one["agent_name"], two["agent_name"] is two["agent_name"]) == (FORMULA, True)
    assert (two["calls"], two["scored"], two["mean_quality"]) == (2, 1, 90.0)
    assert math.isnan(two["sd_quality"])
    assert (two["first_at"], two["last_at"]) == (
        NOON + timedelta(hours=2),
        NOON + timedelta(hours=3),
    )


def test_frames_follow_the_filter(filled):
    late = CallFilter(since=NOON + timedelta(hours=1))
    assert filled.frames.agents_frame(late)["calls"].tolist() == [1, 2]
    assert filled.frames.teams_frame(late)["scored"].tolist() == [2]
    assert filled.frames.criteria_frame(late)["review"].sum() == 0
    assert len(filled.frames.criterion_results_frame(late)) == 8
    assert filled.frames.findings_frame(late).empty


def test_criteria_frame_counts_outcomes(filled):
    frame = filled.frames.criteria_frame().set_index("criterion_id")
    assert list(frame.index) == ["S1.1", "S1.2", "S1.3", "S1.4"]
    missed, idle, mixed = frame.loc["S1.2"], frame.loc["S1.3"], frame.loc["S1.4"]
    assert (missed["missed"], missed["applied"], missed["miss_rate"]) == (3, 3, 1.0)
    assert (missed["review"], missed["mean_share"], missed["mean_confidence"]) == (
        1,
        0.0,
        pytest.approx(0.9),
    )
    assert (idle["not_applicable"], idle["applied"]) == (3, 0)
    assert math.isnan(idle["miss_rate"])
    assert (mixed["met"], mixed["partial"], mixed["miss_rate"]) == (2, 1, 0.0)
    assert mixed["mean_share"] == pytest.approx(0.5)
    assert (mixed["name_zh"], mixed["section_en"]) == ("标准S1.4", "Opening")


def test_criteria_are_called_what_the_newest_scorecard_calls_them(filled):
    renamed = make_result("S1.2", Outcome.MISSED, 0.0, weight=9.0)
    filled.evaluations.save(make_evaluation("call-d", 50.0, (renamed,), digest="card-2"))
    frame = filled.frames.criteria_frame().set_index("criterion_id")
    assert (frame.loc["S1.2"]["weight"], frame.loc["S1.2"]["missed"]) == (9.0, 4)
    assert len(frame) == 4


def test_criterion_results_frame(filled):
    frame = filled.frames.criterion_results_frame(criteria=("S1.2",))
    assert sorted(frame["call_id"]) == ["call-a", "call-b", "call-c"]
    assert frame["needs_review"].sum() == 1
    assert set(frame["outcome"]) == {"missed"}


def test_findings_frame(filled):
    frame = filled.frames.findings_frame()
    assert frame[["call_id", "code", "name_zh", "agent_id"]].values.tolist() == [
        ["call-a", "AF-3", "辱骂客户", "1001"]
    ]


def test_runs_problems_and_stages(filled):
    filled.runs.start("night-1", host="h", source="/calls")
    filled.runs.finish("night-1", {"listed": 4}, summary="ok")
    filled.problems.report([Problem(uri="/x.wav", stage="source", code="waiting", message="m")])
    key = StageKey(sha256=make_recording("a").sha256, stage="score", digest="d")
    filled.stages.claim(key, "w")
    filled.stages.finish(StageDone(key=key, owner="w", audio_ms=5))
    assert filled.frames.runs_frame()["state"].tolist() == ["finished"]
    assert filled.frames.problems_frame()["code"].tolist() == ["waiting"]
    assert filled.frames.stages_frame()[["stage", "state", "n", "audio_ms"]].values.tolist() == [
        ["score", "done", 1, 5]
    ]
    filled.problems.resolve(["/x.wav"])
    assert filled.frames.problems_frame().empty
    assert len(filled.frames.problems_frame(unresolved=False)) == 1


FRAMES = (
    "calls_frame",
    "criteria_frame",
    "criterion_results_frame",
    "findings_frame",
    "agents_frame",
    "teams_frame",
    "runs_frame",
    "problems_frame",
    "stages_frame",
)


@pytest.mark.parametrize("name", FRAMES)
def test_an_empty_store_gives_the_same_columns(store, name, request):
    empty = getattr(store.frames, name)()
    assert empty.empty
    filled = request.getfixturevalue("filled")
    test_runs_problems_and_stages(filled)
    full = getattr(filled.frames, name)()
    if not full.empty:
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()
