"""`qa privacy` and `qa retention` as an operator uses them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from flows.cli import app
from qa.calls import Role
from qa.errors import QaError
from qa.settings import PrivacySettings
from qa.sources import customer_key, customer_ref
from qa.store import connect
from tests.builders import make_call, make_recording, make_transcript

LINES = ((Role.AGENT, "请报一下手机号。"), (Role.CUSTOMER, "13800138000。"))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A store with one call of customer C-9, its raw text under a key file."""
    url, key = f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "raw.key"
    monkeypatch.setenv("QA_STORE", url)
    monkeypatch.setenv("QA_PRIVACY__KEY_FILE", str(key))
    assert qa("privacy", "key", key).exit_code == 0
    settings = PrivacySettings(key_file=str(key))
    with connect(url, upgrade=True, privacy=settings) as store:
        store.recordings.add(make_recording("a"))
        store.calls.add(make_call("a", customer_ref=customer_ref("C-9", customer_key())))
        store.transcripts.save(make_transcript("call-a", LINES), "d1")
    return url, key


def qa(*arguments, given=None):
    return CliRunner().invoke(app, [*map(str, arguments)], input=given)


def test_raw_text_after_a_change_of_keys(site):
    assert qa("privacy", "key", site[1]).exit_code == 0
    assert "1 raw text" in qa("privacy", "rewrap").output
    said = qa("privacy", "raw", "call-a", "--reason", "dispute 17")
    assert "13800138000" in said.output
    refused = qa("privacy", "raw", "call-a", "--reason", "")
    assert isinstance(refused.exception, QaError)


def test_forgetting_shows_first_and_deletes_when_told(site, tmp_path):
    path = tmp_path / "forgotten.json"
    shown = qa("privacy", "forget", "-", "--reason", "request 12", "--json", given="C-9\n")
    assert '"call-a"' in shown.output
    with connect(site[0]) as store:
        assert store.calls.count() == 1
    arguments = ("--reason", "request 12", "--yes", "--certificate", path)
    assert qa("privacy", "forget", "-", *arguments, given="C-9\n").exit_code == 0
    with connect(site[0]) as store:
        assert store.calls.count() == 0
    certificate = json.loads(path.read_text(encoding="utf-8"))
    assert [item["call_id"] for item in certificate["items"]] == ["call-a"]
    again = qa("privacy", "forget", *arguments, "--json")
    assert again.exit_code == 0, again.output


def test_a_hold_stops_forgetting(site):
    assert qa("retention", "hold", "--call", "call-a", "--reason", "case 5").exit_code == 0
    assert json.loads(qa("retention", "holds", "--json").stdout)[0]["call_id"] == "call-a"
    qa("privacy", "forget", "C-9", "--reason", "request 12", "--yes")
    with connect(site[0]) as store:
        assert store.calls.count() == 1
    assert qa("retention", "lift", "1").exit_code == 0
    plan = json.loads(qa("retention", "plan", "--json").stdout)
    assert plan["counts"]["held"] == 0


def test_nothing_is_left_to_redact_in_a_new_store(site):
    done = qa("privacy", "apply")
    assert site
    assert "0 transcripts were redacted" in done.output
