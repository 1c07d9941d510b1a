"""Reports written by the schedule and by hand, and mailed to those who are named."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows import deployments, reporting
from flows.cli import app
from flows.site import open_site, site_ref
from qa.access import SYSTEM
from qa.settings import AlertSettings, ReportSettings
from qa.store import connect
from tests.people_store import build_people_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def people_url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('reporting') / 'store.db'}"
    with connect(url, upgrade=True) as store:
        build_people_store(store, people=6, months=2, per_month=20, last=date(2026, 10, 1))
        store.people.refresh(SYSTEM, timezone="Asia/Shanghai")
    return url


@pytest.fixture(scope="module")
def whole(people_url):
    """Opened once: phrase banks take a second to load."""
    return open_site(site_ref(store=people_url))


@pytest.fixture
def opened(whole, tmp_path, monkeypatch):
    """A site whose clock stands on Thursday 1 October 2026."""
    now = datetime(2026, 10, 1, 3, tzinfo=UTC)
    monkeypatch.setattr(whole.store.database, "now", lambda: now)

    def make(*to, folder=tmp_path / "out"):
        for key in ("reports.last_week", "reports.last_month"):
            whole.store.settings.set(key, "")
        reports = ReportSettings(folder=str(folder), languages=["zh"], formats=["xlsx"], to=[*to])
        mail = AlertSettings(smtp="mail.invalid", sender="qa@invalid")
        settings = whole.settings.model_copy(update={"reports": reports, "alerts": mail})
        return replace(whole, settings=settings)

    return make


def test_what_is_due_is_written_once(opened, tmp_path):
    site = opened()
    names = [path.name for path in reporting.write_due(site)]
    assert names == ["report-2026-W39-zh.xlsx", "report-2026-09-zh.xlsx"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(names)
    assert reporting.write_due(site) == []


def test_a_night_ends_with_its_reports(opened, monkeypatch):
    site = opened()
    monkeypatch.setattr(deployments, "open_site", lambda _: site)
    assert deployments.nights([]) == []
    assert site.store.settings.get("reports.last_month") == "2026-09"


def test_it_is_mailed_to_those_whom_the_settings_name(opened, monkeypatch):
    sent = []
    monkeypatch.setattr("flows.alerting.mail", lambda message, _: sent.append(message))
    reporting.write_due(opened("boss@invalid"))
    assert [message["To"] for message in sent] == ["boss@invalid"] * 2
    assert "周报 2026-W39" in sent[0]["Subject"]
    names = [part.get_filename() for part in sent[0].iter_attachments()]
    assert names == ["report-2026-W39-zh.xlsx"]


def test_what_fails_is_a_problem_and_is_due_again(opened, tmp_path):
    (tmp_path / "file").write_text("in the way")
    site = opened(folder=tmp_path / "file")
    assert reporting.write_due(site) == []
    found = site.store.problems.open(stage="report")
    assert {problem.uri for problem in found} == {"2026-W39", "2026-09"}
    assert all(problem.remedy for problem in found)
    assert len(reporting.write_due(opened())) == 2
    assert site.store.problems.open(stage="report") == []


def test_the_documented_commands_work(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("flows.site.open_site", lambda _: opened())
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) >= 3
    for line in lines:
        done = CliRunner().invoke(app, shlex.split(line, comments=True)[1:])
        assert done.exit_code == 0, (line, done.output, done.exception)
    assert (tmp_path / "report.pdf").read_bytes()[:4] == b"%PDF"
    refused = CliRunner().invoke(app, ["report", "2026-99"])
    assert refused.exit_code == 1
