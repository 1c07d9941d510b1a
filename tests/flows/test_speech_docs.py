"""The commands that the speech documentation shows are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app

PAGE = Path(__file__).parents[2] / "docs" / "speech.md"
BLOCKS = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_shown_command_works(command, tmp_path, monkeypatch):
    monkeypatch.setenv("QA_STORE", f"sqlite:///{tmp_path / 'store.db'}")
    program, *arguments = shlex.split(command)
    assert program == ".venv/bin/qa"
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output


def test_there_are_commands():
    assert len(COMMANDS) >= 4
