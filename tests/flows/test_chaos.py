"""The calamities of `tests/benchmarks/chaos.py` over a few calls: nothing is lost, nothing twice."""

from __future__ import annotations

import pytest

from tests.benchmarks import chaos

pytestmark = pytest.mark.flow

CALAMITIES = {
    "scheduler and workers killed": lambda folder: chaos.kills(folder, 3, calls=8),
    "workers killed": lambda folder: chaos.workers_killed(folder, calls=10),
    "clock jumps": lambda folder: chaos.clock_jumps(folder, calls=8),
    "disk full": lambda folder: chaos.disk_full(folder, calls=10),
}


@pytest.mark.parametrize("calamity", CALAMITIES)
def test_every_call_is_scored_once_whatever_happened(calamity, tmp_path):
    row = CALAMITIES[calamity](tmp_path)
    assert row.happened
    assert row.whole, row
    assert set(row.states) == {"scored"}


@pytest.mark.database
def test_every_call_is_scored_once_though_the_database_restarts(tmp_path, postgres_cluster):
    row = chaos.database_restarted(tmp_path, calls=8, times=1)
    assert (row.happened, row.whole) == (1, True), row


def test_every_call_is_scored_once_though_the_object_store_fails(tmp_path):
    pytest.importorskip("moto.server", reason="moto is not installed: S3 is NOT TESTED")
    pytest.importorskip("s3fs", reason="s3fs is not installed: S3 is NOT TESTED")
    row = chaos.store_failing(tmp_path, calls=6, faults=9)
    assert row.happened
    assert row.whole, row
    assert set(row.states) == {"scored"}


def test_two_schedulers_at_once_begin_every_stage_once(tmp_path):
    row = chaos.two_schedulers(tmp_path, calls=8)
    assert row.whole, row
    assert row.begun == 8 * 3
