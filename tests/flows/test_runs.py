"""Runs over good and bad recordings with rehearsed stages: every call ends in one final state."""

from __future__ import annotations

import json

import pytest

from tests.rehearsal.site import RehearsalSite

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Good calls and every kind of bad one, run once by two workers."""
    site = RehearsalSite(
        tmp_path_factory.mktemp("mixed"),
        QA_RUN__WORKERS="2",
        QA_THREADS="2",
        QA_RUN__START_SECONDS="30",  # also what a recording that hangs costs
    )
    site.record(4)
    for kind in ("POISON", "HANG", "AWAY", "NOISE", "BUG 13800138000"):
        site.record(1, kind, kind.split()[0].lower())
    done = site.qa("--log-level", "INFO", "--log-json", "run", site.source, "--json")
    return site, json.loads(done.stdout), done.stderr


def test_every_call_ends_in_exactly_one_state_and_the_summary_says_so(mixed):
    site, summary, _ = mixed
    assert site.counts() == {
        "scored": 5,  # four good ones, and one whose source came back
        "transcribe quarantined": 2,  # the decoder crashed thrice; no sound
        "transcribe failed": 2,  # it hung; a defect of ours: the next night tries again
    }
    assert (summary["evaluated"], summary["failed"], summary["waiting"]) == (5, 4, 0)
    assert site.duplicates() == []


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("poison-000.wav", "SIGSEGV"),
        ("hang-000.wav", "no end after"),
        ("noise-000.wav", "no sound can be read"),
        ("bug-000.wav", "unexpected ValueError"),
    ],
)
def test_each_failure_has_its_reason_and_remedy(mixed, file, reason):
    (problem,) = [row for row in mixed[1]["problems"] if row["file"] == file]
    assert reason in problem["reason"]
    assert problem["what to do"]


def test_a_poisonous_recording_is_tried_so_often_and_no_more(mixed):
    site, _, _ = mixed
    with site.open() as store:
        (call,) = [row for row in store.calls.find() if row.uri.endswith("poison-000.wav")]
        (work,) = store.stages.of_recording(call.sha256)
    assert (work.attempts, work.error_code) == (3, "worker_died")
    assert sum(call.sha256 in line for line in site.started()) == 3


def test_workers_are_kept_and_share_the_cores(mixed):
    stages = mixed[0].started()
    assert {threads for *_, threads in stages} == {"1"}  # two workers on two allowed cores
    # two to begin with, one more after each crash and the hang
    assert len({process for *_, process, _ in stages}) <= 2 + 4


def test_no_text_or_number_of_a_recording_reaches_the_log(mixed):
    assert "13800138000" not in mixed[2]
    assert any("call_id" in line for line in mixed[2].splitlines() if line.startswith("{"))


def test_what_was_given_up_is_not_touched_again_and_the_rest_is_tried(mixed):
    site, _, _ = mixed
    before = len(site.started())
    again = site.run()
    assert (again["new"], again["evaluated"], again["failed"]) == (0, 0, 2)
    tried = {line[1] for line in site.started()[before:]}
    assert len(tried) == 2  # the one that hung, the one with our defect
