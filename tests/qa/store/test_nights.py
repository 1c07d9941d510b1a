"""Nights, problems, roster and settings."""

from __future__ import annotations

from datetime import date

import pytest

from qa.errors import NotFoundError
from qa.store import Agent, Problem, RunState
from tests.builders import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def site(open_store, clock):
    return open_store(now=clock)


def problem(uri="/a.wav", **changes):
    facts = {"stage": "source", "code": "waiting", "message": "m", "remedy": "r"}
    return Problem(uri=uri, **(facts | changes))


def test_a_night_from_start_to_end(site, clock):
    site.runs.start("n1", host="h:1:1", source="/calls")
    assert site.runs.get("n1").state == RunState.RUNNING
    clock.pass_seconds(60)
    site.runs.finish("n1", {"listed": 3, "audio_seconds": 1.5}, summary="# 完成")
    run = site.runs.get("n1")
    assert (run.state, run.counts, run.summary) == (
        RunState.FINISHED,
        {"listed": 3, "audio_seconds": 1.5},
        "# 完成",
    )
    assert (run.finished_at - run.started_at).total_seconds() == 60


@pytest.mark.parametrize(
    ("source", "stored"),
    [
        ("sftp://qa:hunter2@host:22/calls", "sftp://host:22/calls"),
        ("https://h/manifest.csv?token=hunter2", "https://h/manifest.csv"),
        ("zip://a::https://h/x.zip?sig=hunter2", "zip://a::https://h/x.zip"),
        ("/data/what?/me@home", "/data/what?/me@home"),
    ],
)
def test_a_night_stores_no_secret_of_its_source(site, source, stored):
    assert site.runs.start("n1", host="h", source=source).source == stored
    assert site.runs.get("n1").source == stored


def test_nights_whose_process_is_gone_are_lost(site, clock):
    site.runs.start("n1", host="dead", source="/calls")
    clock.pass_seconds(1)
    site.runs.start("n2", host="alive", source="/calls")
    assert site.runs.close_lost(lambda host: host == "alive") == 1
    assert site.runs.close_lost(lambda _: True) == 0
    states = [(run.id, run.state) for run in site.runs.latest()]
    assert states == [("n2", RunState.RUNNING), ("n1", RunState.LOST)]
    assert len(site.runs.latest(1)) == 1


def test_an_unknown_night_is_named(site):
    with pytest.raises(NotFoundError, match="n9"):
        site.runs.get("n9")


def test_a_problem_seen_again_counts_up(site, clock):
    assert site.problems.report([problem(), problem("/b.wav")]) == 2
    clock.pass_seconds(60)
    site.problems.report([problem(message="still there")])
    first, second = site.problems.open()
    assert (first.uri, first.attempts, first.message) == ("/a.wav", 2, "still there")
    assert (first.last_seen_at - first.first_seen_at).total_seconds() == 60
    assert (second.uri, second.attempts) == ("/b.wav", 1)


def test_a_resolved_problem_opens_again_when_it_comes_back(site):
    site.problems.report([problem()])
    assert site.problems.resolve(["/a.wav"], stage="score") == 0
    assert site.problems.resolve(["/a.wav"], codes=["other"]) == 0
    assert site.problems.resolve(["/a.wav"], stage="source", codes=["waiting"]) == 1
    assert site.problems.open() == []
    site.problems.report([problem()])
    assert [found.attempts for found in site.problems.open()] == [2]


def test_problems_that_went_away_are_closed(site, clock):
    site.problems.report(
        [
            problem("/calls/a"),
            problem("/calls/b"),
            problem("/calls2/c"),
            problem("/calls/a", stage="s"),
        ]
    )
    clock.pass_seconds(60)
    begun = clock()
    site.problems.report([problem("/calls/b")])
    assert site.problems.resolve_unseen("source", before=begun, prefix="/calls") == 1
    left = sorted((found.uri, found.stage) for found in site.problems.open())
    assert left == [("/calls/a", "s"), ("/calls/b", "source"), ("/calls2/c", "source")]


def test_problems_by_stage_recording_and_number(site):
    site.problems.report([problem(f"/{n}", sha256="ab", stage=f"s{n % 2}") for n in range(4)])
    assert {found.stage for found in site.problems.open(stage="s1")} == {"s1"}
    assert len(site.problems.open(limit=3)) == 3
    assert len(site.problems.of_recording("ab")) == 4


def test_the_roster_knows_who_was_where_when(site):
    site.roster.save(
        [
            Agent(agent_id="1", valid_from=date(2025, 1, 1), valid_to=date(2026, 1, 1), team="甲"),
            Agent(agent_id="1", valid_from=date(2026, 1, 1), team="乙", hired_on=date(2024, 5, 1)),
        ]
    )
    assert site.roster.at("1", date(2025, 12, 31)).team == "甲"
    assert site.roster.at("1", date(2026, 1, 1)).team == "乙"
    assert site.roster.at("1", date(2024, 12, 31)) is None
    assert site.roster.at("2", date(2026, 1, 1)) is None
    site.roster.save([Agent(agent_id="1", valid_from=date(2026, 1, 1), team="丙")])
    assert [agent.team for agent in site.roster.all()] == ["甲", "丙"]
    site.roster.save([])


def test_settings_hold_json(site):
    assert site.settings.get("last", "never") == "never"
    site.settings.set("last", {"night": "三月"})
    site.settings.set("last", {"night": "四月"})
    assert site.settings.get("last") == {"night": "四月"}
