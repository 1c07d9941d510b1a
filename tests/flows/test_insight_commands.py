"""`qa risks`, `qa commitments`, `qa insight`, `qa alerts` over a small store, in this process."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from qa.insight.summaries import CallSummary
from qa.store import connect
from tests.builders import make_call, make_recording
from tests.qa.store.test_insight import alert, promise


@pytest.fixture
def url(sqlite_url):
    with connect(sqlite_url, upgrade=True) as store:
        store.recordings.add(make_recording("a"))
        store.calls.add(make_call("a"))
        summary = CallSummary(call_id="call-a", call_type="complaint", reason="refund")
        store.insight.save(summary, alerts=[alert()], commitments=[promise()])
    return sqlite_url


def qa(*arguments, code=0):
    done = CliRunner().invoke(app, [str(part) for part in arguments])
    assert done.exit_code == code, done.output
    return done.stdout


def test_a_risk_is_listed_taken_and_resolved(url):
    row = json.loads(qa("risks", "list", "--json", "--store", url))[0]
    assert (row["priority"], row["state"], row["reasons"]) == ("P2", "new", "要投诉")
    qa("risks", "take", row["id"], "--comment", "我来", "--store", url)
    taken = json.loads(qa("risks", "list", "--json", "--store", url))[0]
    assert (taken["state"], taken["comment"]) == ("taken", "我来")
    assert taken["by"].startswith("cli:")
    qa("risks", "resolve", row["id"], "--store", url)
    assert json.loads(qa("risks", "list", "--json", "--store", url)) == []
    assert len(json.loads(qa("risks", "list", "--all", "--json", "--store", url))) == 1


def test_a_typed_formula_stays_a_text_in_csv(url):
    row = json.loads(qa("risks", "list", "--json", "--store", url))[0]
    qa("risks", "take", row["id"], "--comment", "=1+1", "--store", url)
    assert ",'=1+1" in qa("risks", "list", "--csv", "--store", url)


def test_outcomes_come_back_into_the_export(url, tmp_path):
    told = tmp_path / "crm.csv"
    told.write_text(
        "id,outcome,kept_at\ncall-a:3:call_back,kept,2026-03-02T15:00+08:00\nx,broken,\n"
    )
    qa("commitments", "import", told, "--store", url, code=1)
    head, row = qa("commitments", "list", "--csv", "--store", url).splitlines()
    assert head.startswith("id,call_id,by,action,due_at")
    assert ",kept," in row
    assert json.loads(qa("commitments", "list", "--open", "--json", "--store", url)) == []


def test_the_taxonomy_is_listed_copied_and_used(tmp_path, monkeypatch):
    own = tmp_path / "reasons.yaml"
    qa("insight", "reasons", "--write", own)
    shipped = json.loads(qa("insight", "reasons", "--json"))
    own.write_text(
        "reasons:\n  tea:\n    title: {zh: 茶, en: Tea}\n    en: {words: ['tea']}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("QA_INSIGHT__REASONS", str(own))
    assert [row["id"] for row in json.loads(qa("insight", "reasons", "--json"))] == ["tea"]
    assert len(shipped) > 10


def test_reasons_and_topics_are_counted(url):
    assert json.loads(qa("insight", "pareto", "--json", "--store", url))[0]["reason"] == "refund"
    assert json.loads(qa("insight", "topics", "--json", "--store", url)) == []


def test_a_dry_round_shows_the_messages_and_sends_none(url, monkeypatch):
    desk = {"desk": {"kind": "feishu", "url": "https://hook.invalid/x"}}
    monkeypatch.setenv("QA_ALERTS__CHANNELS", json.dumps(desk))
    found = json.loads(qa("alerts", "send", "--json", "--store", url))
    assert [(row["state"], row["priority"]) for row in found] == [("dry_run", "P2")]
    assert found[0]["body"]["msg_type"] == "post"
