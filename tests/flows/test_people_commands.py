"""The commands of docs/appraisal.md, as they stand there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def qa(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("QA_STORE", f"sqlite:///{tmp_path / 'store.db'}")

    def run(line):
        return CliRunner().invoke(app, shlex.split(line)[1:])

    return run


def documented():
    text = (ROOT / "docs" / "appraisal.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_the_documented_commands_work(qa):
    lines = documented()
    assert len(lines) >= 4
    for line in lines:
        done = qa(line.partition("#")[0])
        assert done.exit_code == 0, (line, done.output, done.exception)
    listed = json.loads(qa("qa people batches --json").stdout)
    kinds = [batch["kind"] for batch in listed]
    assert kinds[-2:] == ["attendance", "roster"]  # csat was a dry run at first
    assert set(kinds) == {"attendance", "roster", "csat", "crm", "calls", "training", "ratings"}


def test_refused_rows_end_with_one_and_name_their_line(qa, tmp_path):
    file = tmp_path / "a.csv"
    file.write_bytes("工号,日期,应出勤\nX9,2026-09-14,480\n".encode("gbk"))
    done = qa(f"qa people import attendance {file}")
    assert done.exit_code == 1
    assert "line 2" in done.output
    assert "roster first" in done.output
    assert qa("qa people undo 7").exit_code == 1
    assert qa(f"qa people import weather {file}").exit_code == 1
    assert qa(f"qa people import attendance {file} --map day").exit_code == 1


def test_refresh_sums_what_is_there(qa):
    qa("qa people import roster samples/roster.csv")
    qa("qa people import attendance samples/kpi/attendance.csv")
    done = qa("qa people refresh")
    assert done.exit_code == 0
    assert "2 months" in done.output
