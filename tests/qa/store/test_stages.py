"""The stage protocol: every piece of work is done once, whoever dies."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qa.errors import AudioError, TransientError
from qa.store import (
    LeaseLostError,
    Problem,
    StageDone,
    StageKey,
    StageState,
    connect,
    owner_id,
    owner_is_alive,
)
from tests.builders import Clock, add_call, make_evaluation, make_recording, make_transcript

BROKEN = AudioError("no sound", "/calls/a.wav", "upload it again")


def key_of(content="a", stage="transcribe", digest="d1"):
    return StageKey(sha256=make_recording(content).sha256, stage=stage, digest=digest)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def work(open_store, clock):
    """A store with a moving clock and two recordings."""
    store = open_store(now=clock)
    add_call(store, "a")
    add_call(store, "b")
    return store


def state(store, key):
    run = store.stages.get(key)
    return run.state if run else None


def test_one_of_two_gets_the_work(work):
    assert work.stages.claim(key_of(), "one")
    assert not work.stages.claim(key_of(), "two")
    assert not work.stages.claim(key_of(), "one")
    assert work.stages.claim(key_of(digest="d2"), "two")
    assert work.stages.claim(key_of("b"), "two")


def test_finished_work_is_not_given_again(work, clock):
    work.stages.claim(key_of(), "one")
    clock.pass_seconds(5)
    done = StageDone(
        key=key_of(), owner="one", timings_ms={"asr": 12}, audio_ms=60_000, engine="replay"
    )
    work.stages.finish(done)
    assert not work.stages.claim(key_of(), "two")
    run = work.stages.get(key_of())
    assert (run.state, run.attempts, run.timings_ms, run.audio_ms, run.engine) == (
        StageState.DONE,
        1,
        {"asr": 12},
        60_000,
        "replay",
    )
    assert (run.finished_at - run.started_at).total_seconds() == 5
    assert [each.key for each in work.stages.of_recording(key_of().sha256)] == [key_of()]


def test_a_stale_lease_is_taken_over_and_the_first_worker_saves_nothing(work, clock):
    work.stages.claim(key_of(), "one", lease_s=10)
    clock.pass_seconds(11)
    assert work.stages.claim(key_of(), "two", lease_s=10)
    late = StageDone(key=key_of(), owner="one")
    with pytest.raises(LeaseLostError):
        work.transcripts.save(make_transcript("call-a"), "d1", done=late)
    assert work.transcripts.digest_of("call-a") == ""
    work.transcripts.save(
        make_transcript("call-a"), "d1", done=StageDone(key=key_of(), owner="two")
    )
    assert work.transcripts.digest_of("call-a") == "d1"


def test_a_renewed_lease_holds(work, clock):
    work.stages.claim(key_of(), "one", lease_s=10)
    clock.pass_seconds(9)
    assert work.stages.renew(key_of(), "one", lease_s=10)
    clock.pass_seconds(9)
    assert not work.stages.claim(key_of(), "two")
    assert not work.stages.renew(key_of(), "two")


def test_saving_and_finishing_are_one(work):
    key = key_of(stage="score")
    work.stages.claim(key, "one")

    def interrupted():
        with work.transaction():
            work.evaluations.save(make_evaluation("call-a"), done=StageDone(key=key, owner="one"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert work.evaluations.current_id("call-a") is None
    assert state(work, key) == StageState.RUNNING


def test_failures_are_tried_again_and_then_quarantined(work):
    for attempt in range(1, 4):
        assert work.stages.claim(key_of(), "one", max_attempts=3)
        expected = StageState.FAILED if attempt < 3 else StageState.QUARANTINED
        assert work.stages.fail(key_of(), "one", BROKEN, max_attempts=3) == expected
    assert not work.stages.claim(key_of(), "one", max_attempts=3)
    run = work.stages.get(key_of())
    assert (run.error_code, run.error_message, run.error_remedy) == (
        "audio",
        "no sound",
        "upload it again",
    )


def test_a_permanent_failure_is_quarantined_at_once(work):
    work.stages.claim(key_of(), "one")
    assert work.stages.fail(key_of(), "one", BROKEN, permanent=True) == StageState.QUARANTINED
    assert work.stages.pending("transcribe", "d1", [key_of().sha256]) == []


def test_a_lost_lease_cannot_fail_the_work_of_another(work, clock):
    work.stages.claim(key_of(), "one", lease_s=10)
    clock.pass_seconds(11)
    work.stages.claim(key_of(), "two")
    assert work.stages.fail(key_of(), "one", BROKEN) == StageState.RUNNING
    assert work.stages.get(key_of()).owner == "two"


def test_a_worker_that_dies_every_time_quarantines_the_recording(work, clock):
    for _ in range(3):
        assert work.stages.claim(key_of(), "one", lease_s=10, max_attempts=3)
        clock.pass_seconds(11)
    assert not work.stages.claim(key_of(), "one", max_attempts=3)
    run = work.stages.get(key_of())
    assert (run.state, run.error_code) == (StageState.QUARANTINED, "worker_died")


def test_given_back_work_costs_no_attempt(work):
    work.stages.claim(key_of(), "one")
    work.stages.release(key_of(), "one")
    run = work.stages.get(key_of())
    assert (run.state, run.attempts) == (StageState.PENDING, 0)
    assert work.stages.claim(key_of(), "two")


def test_the_work_of_dead_owners_is_free_at_once(work):
    work.stages.claim(key_of("a"), "dead")
    work.stages.claim(key_of("b"), "alive")
    assert work.stages.reclaim(lambda owner: owner == "alive") == 1
    assert work.stages.reclaim(lambda _: True) == 0
    assert work.stages.claim(key_of("a"), "new")
    assert not work.stages.claim(key_of("b"), "new")


def test_retry_opens_failed_quarantined_and_on_request_finished_work(work):
    work.stages.claim(key_of("a"), "one")
    work.stages.fail(key_of("a"), "one", BROKEN, permanent=True)
    work.stages.claim(key_of("b"), "one")
    work.stages.finish(StageDone(key=key_of("b"), owner="one"))
    assert work.stages.retry("other") == 0
    assert work.stages.retry("transcribe", [key_of("b").sha256]) == 0
    assert work.stages.retry("transcribe", [key_of("a").sha256]) == 1
    assert work.stages.get(key_of("a")).attempts == 0
    assert work.stages.retry(done=True) == 1
    assert work.stages.claim(key_of("b"), "one")


def test_pending_is_what_claim_would_take(work, clock):
    hashes = [key_of(content).sha256 for content in "ba"]
    assert work.stages.pending("transcribe", "d1", [*hashes, hashes[0]]) == hashes
    work.stages.claim(key_of("a"), "one", lease_s=10)
    assert work.stages.pending("transcribe", "d1", hashes) == [key_of("b").sha256]
    clock.pass_seconds(11)
    assert work.stages.pending("transcribe", "d1", hashes) == hashes
    work.stages.claim(key_of("a"), "two")
    work.stages.finish(StageDone(key=key_of("a"), owner="two"))
    work.stages.claim(key_of("b"), "two")
    work.stages.fail(key_of("b"), "two", TransientError("away"))
    assert work.stages.pending("transcribe", "d1", hashes) == [key_of("b").sha256]
    assert work.stages.pending("transcribe", "d1", hashes, max_attempts=1) == []
    assert work.stages.done("transcribe", "d1") == {key_of("a").sha256}
    assert work.stages.done("transcribe", "d1", hashes) == {key_of("a").sha256}
    assert work.stages.done("transcribe", "d2", hashes) == set()
    assert work.stages.counts("transcribe", "d1") == {StageState.DONE: 1, StageState.FAILED: 1}


def test_pending_of_more_recordings_than_one_statement_takes(work):
    work.stages.claim(key_of("a"), "one")
    unknown = [f"{number:064x}" for number in range(30_000)]
    pending = work.stages.pending("transcribe", "d1", [*unknown, key_of("a").sha256])
    assert pending == unknown


def test_enqueued_work_is_taken_in_batches(work):
    hashes = sorted(key_of(content).sha256 for content in "ab")
    work.stages.enqueue("score", "d1", hashes)
    work.stages.enqueue("score", "d1", hashes)
    assert work.stages.claim_next("score", "d1", "one", limit=1) == hashes[:1]
    assert work.stages.claim_next("score", "d1", "two", limit=5) == hashes[1:]
    assert work.stages.claim_next("score", "d1", "two", limit=5) == []


def test_finishing_resolves_the_problems_of_the_stage(work):
    sha256 = key_of().sha256
    for stage in ("transcribe", "score"):
        work.problems.report(
            [Problem(uri="/calls/a.wav", stage=stage, code="audio", message="m", sha256=sha256)]
        )
    work.stages.claim(key_of(), "one")
    work.stages.finish(StageDone(key=key_of(), owner="one"))
    assert [problem.stage for problem in work.problems.open()] == ["score"]


def claim_all(url, owner, hashes, barrier, taken):
    with connect(url) as store:
        barrier.wait()
        keys = [StageKey(sha256=sha256, stage="s", digest="d") for sha256 in hashes]
        taken.put([key.sha256 for key in keys if store.stages.claim(key, owner)])


def test_processes_claiming_at_once_share_the_work(store, store_url):
    contents = [str(number) for number in range(40)]
    for content in contents:
        store.recordings.add(make_recording(content))
    hashes = [make_recording(content).sha256 for content in contents]
    spawn = multiprocessing.get_context("spawn")
    barrier, taken = spawn.Barrier(3), spawn.Queue()
    workers = [
        spawn.Process(target=claim_all, args=(store_url, f"w{number}", hashes, barrier, taken))
        for number in range(3)
    ]
    for worker in workers:
        worker.start()
    found = [sha256 for _ in workers for sha256 in taken.get(timeout=60)]
    for worker in workers:
        worker.join()
    assert sorted(found) == sorted(hashes)


DIES_HALF_WAY = """
import sys, time
from qa.store import StageDone, StageKey, connect, owner_id
from tests.builders import make_transcript
store = connect(sys.argv[1])
key = StageKey(sha256=sys.argv[2], stage="transcribe", digest="d1")
assert store.stages.claim(key, owner_id())
with store.transaction():
    done = StageDone(key=key, owner=owner_id())
    store.transcripts.save(make_transcript("call-a"), "d1", done=done)
    print("saved but not committed", flush=True)
    time.sleep(600)
"""


def test_a_killed_worker_leaves_nothing_half_done_and_its_work_is_free(store, store_url):
    add_call(store, "a")
    root = str(Path(__file__).parents[3])
    worker = subprocess.Popen(
        [sys.executable, "-c", DIES_HALF_WAY, store_url, key_of().sha256],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": root},
    )
    assert worker.stdout.readline().startswith(b"saved")
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert store.transcripts.digest_of("call-a") == ""
    assert not store.stages.claim(key_of(), "next")
    assert store.stages.reclaim(owner_is_alive) == 1
    assert store.stages.claim(key_of(), "next")
    assert store.stages.get(key_of()).attempts == 2


def test_this_process_is_alive_and_a_finished_one_is_not():
    program = "from qa.store import owner_id; print(owner_id())"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert owner_is_alive(owner_id())
    assert owner_is_alive(f"{owner_id()}/thread-2")
    assert not owner_is_alive(ended.stdout.strip())


@pytest.mark.parametrize("owner", ["", "somebody", "other-host:1:1", "other-host:99999999:1"])
def test_owners_that_cannot_be_checked_count_as_alive(owner):
    assert owner_is_alive(owner)


def test_a_reused_process_id_is_another_owner():
    host, process, _ = owner_id().rsplit(":", 2)
    assert int(process) == os.getpid()
    assert not owner_is_alive(f"{host}:{process}:1")
