"""The operator's hands: urgent calls, again, pause, status, doctor, metrics, a served night."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from flows.doctor import examine
from flows.metrics import metrics_text
from flows.site import SiteRef, site_ref
from qa.operations import read_status
from qa.settings import Settings
from qa.store import Problem
from tests.rehearsal.site import RehearsalSite, free_port


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Four scored calls."""
    made = RehearsalSite(tmp_path_factory.mktemp("site"))
    made.record(4)
    made.run()
    return made


@pytest.mark.flow
def test_one_stage_of_one_call_again(site):
    (call_id, *_) = site.states()
    before = len(site.started())
    counts = json.loads(site.qa("rerun", call_id, "--stage", "analyse", "--json").stdout)
    assert counts["failed"] == 0
    assert [line[0] for line in site.started()[before:]] == ["analyse", "score"]
    assert set(site.counts()) == {"scored"}


@pytest.mark.flow
def test_a_call_that_was_given_up_can_be_tried_again(tmp_path):
    site = RehearsalSite(tmp_path)
    site.record(1, "NOISE")
    site.run()
    assert site.counts() == {"transcribe quarantined": 1}
    (path,) = site.source.iterdir()
    with site.open() as store:
        (row,) = store.calls.find()
    site.qa("rerun", row.call_id)
    assert len(site.started()) == 2
    assert path.exists()


@pytest.mark.flow
def test_urgent_calls_go_first(tmp_path):
    site = RehearsalSite(tmp_path, QA_RUN__WORKERS="1", QA_REHEARSAL_MS="20")
    site.record(12)
    site.qa("source", "preview", site.source)
    first = site.start("run", site.source)
    while first.poll() is None and not (site.log.exists() and site.started()):
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    with site.open() as store:
        waiting = [row for row in store.calls.find(limit=100) if row.evaluation_id is None]
    wanted = waiting[0]
    site.qa("urgent", wanted.call_id, "--reason", "complaint")
    before = len(site.started())
    site.run()
    assert site.started()[before][1] == wanted.sha256
    with site.open() as store:
        assert store.operations.urgent() == []


@pytest.mark.flow
def test_status_and_pause_by_command(site):
    site.qa("pause", "--reason", "disk")
    found = json.loads(site.qa("status", "--json").stdout)
    assert found["paused"]["why"] == "disk"
    assert "paused" in found["alerts"]
    assert site.qa("status", "--strict", check=False).returncode == 3
    shown = site.qa("status", "--language", "zh")
    assert "暂停" in shown.stderr
    site.qa("resume")
    assert json.loads(site.qa("status", "--json").stdout)["paused"] is None


@pytest.mark.flow
def test_a_range_of_days_is_back_filled_from_the_store(site):
    today, later = "2020-01-01", "2100-01-01"
    done = site.qa("backfill", "--since", today, "--until", later, "--json")
    counts = json.loads(done.stdout)
    assert (counts["evaluated"], counts["skipped"]) == (0, 4)
    none = site.qa("backfill", "--since", today, "--until", "2020-01-02", check=False)
    assert none.returncode == 1
    assert "what to do" in none.stderr


@pytest.mark.flow
def test_a_source_that_is_down_does_not_stop_the_others(tmp_path):
    site = RehearsalSite(tmp_path)
    site.record(2)
    code = (
        "import sys, json; from flows.deployments import nights\n"
        "print(json.dumps(nights(sys.argv[1:])))"
    )
    gone = tmp_path / "gone"
    metrics = tmp_path / "metrics" / "qa.prom"
    done = subprocess.run(
        [sys.executable, "-c", code, str(gone), str(site.source)],
        env=site.environment(QA_NIGHT__METRICS_FILE=str(metrics)),
        capture_output=True,
        text=True,
        check=True,
    )
    down, up = json.loads(done.stdout.splitlines()[-1])
    assert "error" in down
    assert up["evaluated"] == 2
    assert 'qa_stage_pieces{stage="score",state="done"} 2' in metrics.read_text(encoding="utf-8")
    with site.open() as store:
        assert {run.state.value for run in store.runs.latest()} == {"failed", "finished"}
        assert str(gone) in {problem.uri for problem in store.problems.open()}


@pytest.mark.flow
@pytest.mark.database
def test_a_night_is_served_and_run_by_a_real_server_on_postgresql(tmp_path, postgres_cluster):
    """`qa serve --pool`, a Prefect server on PostgreSQL, and a worker of the pool."""
    import psycopg

    plain = postgres_cluster.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS prefect_nights")
        connection.execute("CREATE DATABASE prefect_nights")
    database = plain.rpartition("/")[0] + "/prefect_nights"
    port = free_port()
    api = f"http://127.0.0.1:{port}/api"
    prefect = {
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_API_URL": api,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    site = RehearsalSite(tmp_path, QA_RUN__RUNNER="thread", **prefect)
    site.record(3)
    url = {"PREFECT_API_DATABASE_CONNECTION_URL": database.replace("://", "+asyncpg://")}
    command = [sys.executable, "-m", "prefect"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(
        [*command, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"],
        env=site.environment(**url),
        **quiet,
    )
    worker = None
    try:
        answers(f"{api}/health", server)
        site.qa("serve", site.source, "--pool", "nights")
        worker = subprocess.Popen(
            [*command, "worker", "start", "--pool", "nights", "--run-once"],
            env=site.environment(),
            **quiet,
        )
        done = [*command, "deployment", "run", "nightly/nightly"]
        subprocess.run(done, env=site.environment(), check=True, **quiet)
        worker.wait(timeout=600)
        for _ in range(600):
            if site.counts() == {"scored": 3}:
                break
            time.sleep(0.2)
        assert site.counts() == {"scored": 3}
        with site.open() as store:
            (run,) = store.runs.latest()
        assert run.kind == "night"
        assert run.scheduled_for is not None
    finally:
        for process in (worker, server):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(timeout=60)


def answers(url, process):
    for _ in range(600):
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"{url} does not answer")


def test_metrics_name_no_file_call_or_person(store):
    store.problems.report(
        [Problem(uri="/in/13800138000.wav", stage="ingest", code="source", message="empty")]
    )
    status = read_status(store, Settings(), store.database.now())
    text = metrics_text(status, {"transcribe": 0.5})
    assert 'qa_problem_files{code="source",stage="ingest"} 1' in text
    assert 'qa_stage_factor{stage="transcribe"} 0.5' in text
    assert 'qa_alert{alert="failures"} 1' in text
    assert "13800138000" not in text
    assert all(line.startswith(("#", "qa_")) for line in text.splitlines())


def test_the_doctor_names_what_is_wrong_with_its_remedy_in_both_languages(tmp_path):
    findings = {finding.name.en: finding for finding in examine(f"sqlite:///{tmp_path}/none.db")}
    database = findings["database"]
    assert database.state == "bad"
    assert database.remedy.zh
    assert database.remedy.en
    assert findings["Python"].state == "ok"
    cores = findings["processor"].found
    assert "核" in cores.zh
    assert "cores" in cores.en
    assert all(
        each.remedy.en and each.remedy.zh for each in findings.values() if each.state != "ok"
    )


def test_the_doctor_sees_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("QA_RUN__WORKERS", "0")
    (finding,) = examine()
    assert finding.state == "bad"
    assert "run.workers" in finding.found.en


def test_a_password_of_the_store_stays_in_its_process(monkeypatch):
    monkeypatch.setenv("QA_STORE", "")
    ref = site_ref(store="postgresql+psycopg://qa:s3cret@127.0.0.1:5/none")
    assert isinstance(ref, SiteRef)
    assert "s3cret" not in ref.store_url + ref.settings_json + repr(ref)
    from flows.storeurl import with_password

    assert "s3cret" in with_password(ref.store_url)
    assert "s3cret" not in with_password("postgresql+psycopg://qa@127.0.0.1:5/other")
