"""Every command of the README is run here, on the sample calls."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo_store import build_store

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.split("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.strip()
]
#: `make` targets are checked for what they would do: one of them is running this test.
MAKE = [command for command in COMMANDS if command.startswith("make ")]
#: The batch over all samples and the download of packs belong to the model tier.
HEAVY = [c for c in COMMANDS if " run " in c or "models pull" in c or "models verify" in c]
LIGHT = [c for c in COMMANDS if c not in MAKE and c not in HEAVY]


def run(command, home):
    words = shlex.split(command)
    assert words[0] == ".venv/bin/qa", f"the README runs something else: {command}"
    environ = {**os.environ, "QA_HOME": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *words[1:]],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environ,
        timeout=1500,
        check=False,
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A data home in which the sample calls are scored."""
    folder = tmp_path_factory.mktemp("readme")
    build_store(f"sqlite:///{folder / 'store.db'}").close()
    return folder


def test_the_readme_has_commands_of_every_kind():
    assert MAKE
    assert HEAVY
    assert len(LIGHT) > 6


@pytest.mark.parametrize("command", MAKE)
def test_make_targets_exist_and_set_everything_up(command):
    done = subprocess.run(
        [*shlex.split(command), "-n", "-B"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "pip install" in done.stdout
    assert "models pull" in done.stdout


@pytest.mark.parametrize("command", LIGHT)
def test_commands_run(command, home):
    done = run(command, home)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() or done.stderr.strip()


@pytest.mark.models
@pytest.mark.flow
@pytest.mark.parametrize("command", HEAVY)
def test_heavy_commands_run(command, tmp_path):
    if " run " in command:  # the demo's own batch, in a home of its own
        (tmp_path / "none").mkdir()
    done = run(command, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
