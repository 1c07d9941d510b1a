"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("qa", "transcription", "scoring", "flows", "dashboards")
#: A module's hard limit; the tables of the first migration are one list that is better not torn.
LONGEST = 400
SOURCES = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def test_imports_run_one_way():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


@pytest.mark.parametrize(
    "module", ["qa.settings", "qa.store", "qa.sources", "scoring.engine", "scoring.matching"]
)
def test_the_core_imports_no_torch(module):
    code = (
        f"import sys, {module}; "
        "print(sorted({'torch', 'prefect', 'streamlit', 'transformers', 'av', 'librosa'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


def test_modules_are_short_and_named_after_things():
    too_long = {
        str(path.relative_to(ROOT)): count
        for path in SOURCES
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert too_long == {}
    assert [path.name for path in SOURCES if path.stem in FORBIDDEN_NAMES] == []


def test_functions_are_short():
    """Fifty lines without the docstring is the hard limit."""
    too_long = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body and (length := node.end_lineno - body[0].lineno + 1) > 50:
                    too_long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {length}")
    assert too_long == []
