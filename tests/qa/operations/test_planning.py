"""Schedules, the capacity planner, and how the night stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from qa.errors import SettingsError
from qa.operations import (
    Schedule,
    Speed,
    due_since,
    next_finish,
    next_start,
    options,
    read_status,
    seconds_for,
)
from qa.operations.capacity import EFFICIENCY, OVERHEAD_S, workers_needed
from qa.settings import NightSettings, Settings
from qa.store import Problem, StageDone, StageKey
from tests import builders
from tests.benchmarks import night

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHTLY = Schedule(cron="0 1 * * *", timezone="Asia/Shanghai", finish_by="07:00")
SPEED = Speed(listening=0.5, judging=0.02, pieces=100)


def local(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


def test_the_next_night_is_told_in_the_sites_time():
    assert next_start(NIGHTLY, local(2, 12)) == local(3, 1)
    assert next_start(NIGHTLY, local(3, 1)) == local(4, 1)
    assert next_start(NIGHTLY, local(2, 12).astimezone(UTC)) == local(3, 1)


def test_a_night_has_to_be_done_on_the_morning_after_it_begins():
    assert next_finish(NIGHTLY, local(3, 1)) == local(3, 7)
    assert next_finish(NIGHTLY, local(3, 22)) == local(4, 7)


@pytest.mark.parametrize(
    ("last", "now", "missed"),
    [
        pytest.param(local(2, 1), local(2, 12), None, id="done today"),
        pytest.param(local(1, 1), local(2, 12), local(2, 1), id="today's was missed"),
        pytest.param(local(1, 1), local(5, 0), local(4, 1), id="three missed, one catches up"),
        pytest.param(None, local(2, 12), None, id="a new site has missed nothing"),
        pytest.param(local(2, 1), local(1, 12), None, id="the clock went back"),
    ],
)
def test_missed_nights(last, now, missed):
    assert due_since(NIGHTLY, last, now) == missed


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"night": NightSettings(cron="at night")}, "cron"), ({"timezone": "Mars/Base"}, "timezone")],
)
def test_a_schedule_that_cannot_be_read_is_named(changes, place):
    with pytest.raises(SettingsError) as caught:
        Schedule.of(Settings(**changes))
    assert place in caught.value.place


def test_twice_the_sound_takes_twice_as_long_and_workers_share_it():
    one = seconds_for(100, 24_000, SPEED, workers=1)
    assert one == pytest.approx(24_000 * 0.52 + 100 * OVERHEAD_S)
    assert seconds_for(200, 48_000, SPEED, workers=1) == pytest.approx(2 * one)
    assert seconds_for(100, 24_000, SPEED, workers=4) == pytest.approx(one / 4 / EFFICIENCY)


def simulated(**given):
    fields = {"factors": [(0.5, 0.015, 0.005)], "calls": 400, "seconds": 240, "dies": 0.0}
    return night.simulate(night.Site(**(fields | {"workers": 8} | given)))


def test_a_simulated_night_takes_no_longer_than_planned_and_no_less_than_its_work():
    planned = seconds_for(400, 400 * 240, SPEED, workers=8) / 3600
    ideal = 400 * 240 * 0.52 / 8 / 3600
    assert ideal <= simulated().hours <= planned
    assert simulated().busy == pytest.approx(1, abs=0.02)


def test_dead_workers_cost_their_work_again_and_a_slow_store_becomes_the_limit():
    assert simulated(dies=0.1).again > 50
    assert simulated(dies=0.1).hours > simulated().hours
    assert simulated(store_s=20.0).hours == pytest.approx(400 * 3 * 20 / 3600, rel=0.05)


def test_simulated_gpus_transcribe_beside_the_workers():
    with_gpu = simulated(gpus=1, gpu_speed=20.0)
    assert with_gpu.hours == pytest.approx(400 * 240 * 0.5 / 20 / 3600, rel=0.05)


def test_a_gpu_takes_only_the_listening_off():
    with_gpu = seconds_for(100, 24_000, SPEED, workers=2, gpus=1)
    judging = (24_000 * 0.02 + 100 * OVERHEAD_S) / (2 * EFFICIENCY)
    assert with_gpu == pytest.approx(max(24_000 * 0.5 / 20, judging))


def test_the_table_goes_as_far_as_it_helps_and_says_who_is_in_time():
    found = options(50_000, 50_000 * 240, SPEED, window_s=6 * 3600)
    plain = [each for each in found if not each.gpus]
    assert [each.fits for each in plain] == sorted(each.fits for each in plain)
    assert len([each for each in plain if each.fits]) <= 2
    needed = workers_needed(50_000, 50_000 * 240, SPEED, window_s=6 * 3600)
    assert seconds_for(50_000, 50_000 * 240, SPEED, workers=needed) <= 6 * 3600
    assert seconds_for(50_000, 50_000 * 240, SPEED, workers=needed - 1) > 6 * 3600


@pytest.fixture
def site(open_store):
    """A store with measured work: three calls done at real-time factor 0.5, two waiting."""
    clock = builders.Clock()
    store = open_store(now=clock)
    for name in "abcde":
        builders.add_call(store, name)
    for name in "abc":
        for stage, spent in (("transcribe", 30_000), ("score", 600)):
            key = StageKey(sha256=builders.make_recording(name).sha256, stage=stage, digest="d")
            assert store.stages.claim(key, "me")
            done = StageDone(key=key, owner="me", timings_ms={"x": spent}, audio_ms=60_000)
            store.stages.finish(done)
    return store, clock


def test_the_status_of_a_quiet_day(site):
    store, clock = site
    found = read_status(store, Settings(), clock())
    assert found.speed.factor == pytest.approx(0.51)
    assert (found.forecast.waiting, found.forecast.expected, found.forecast.late) == (2, 0, False)
    assert found.alerts == ()
    assert found.standing["score"] == {"done": 3}
    assert found.plain()["forecast"]["waiting"] == 2


def test_a_night_that_will_not_be_done_is_an_alert_with_its_remedy(site):
    store, clock = site
    run = store.runs.start("n1", host="h", source="s", kind="night")
    store.runs.finish(run.id, {"new": 50_000})
    found = read_status(store, Settings(), clock())
    assert "late" in found.alerts
    assert 0 < found.forecast.left_over < 50_002
    assert found.forecast.workers_needed > 1
    many = Settings(run={"workers": found.forecast.workers_needed})
    assert "late" not in read_status(store, many, clock()).alerts


def test_failures_a_pause_a_missed_night_and_a_lost_run_are_told(site):
    store, clock = site
    store.runs.start("n1", host="h:1:1", source="s", kind="night")
    store.runs.close_lost(lambda _: False)
    store.problems.report([Problem(uri="/a", stage="ingest", code="source", message="empty")])
    store.settings.set("night.paused", {"by": "me", "why": "disk"})
    clock.pass_seconds(timedelta(days=3).total_seconds())
    found = read_status(store, Settings(), clock())
    assert set(found.alerts) == {"missed", "paused", "lost", "failures"}
    assert found.reasons[0]["files"] == 1
    assert found.plain()["last"]["state"] == "lost"


def test_a_run_in_progress_tells_when_it_is_done(site):
    store, clock = site
    store.runs.start("n1", host="h", source="s", kind="night")
    assert read_status(store, Settings(), clock()).eta is None
    store.runs.tell("n1", {"due": 100, "finished": 25, "elapsed_seconds": 50})
    found = read_status(store, Settings(), clock())
    assert found.eta == clock() + timedelta(seconds=150)
    assert found.missed is None


def test_urgent_calls_are_kept_in_the_order_asked_and_leave_when_done(site):
    store, clock = site
    store.operations.urge(["call-b"], asked_by="me")
    clock.pass_seconds(1)
    store.operations.urge(["call-a"], asked_by="you", reason="complaint")
    assert [each.call_id for each in store.operations.urgent()] == ["call-b", "call-a"]
    store.operations.no_longer_urgent(["call-b"])
    assert [each.call_id for each in store.operations.urgent()] == ["call-a"]
