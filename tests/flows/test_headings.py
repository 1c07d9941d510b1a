"""What the command line's tables are headed with: nothing untranslated, whatever the language."""

import ast
from pathlib import Path

import pytest

from flows import headings
from flows.headings import in_words

FLOWS = Path(headings.__file__).parent


def literals():
    """Every text that is written where a table is printed: title and columns, also by a name."""
    for path in sorted(FLOWS.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        named = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print_table":
                for part in node.args[:2]:
                    meant = named.get(part.id) if isinstance(part, ast.Name) else part
                    if isinstance(meant, ast.Constant | ast.Tuple | ast.List):
                        yield from (
                            (path.name, one.value)
                            for one in ast.walk(meant)
                            if isinstance(one, ast.Constant)
                        )


@pytest.mark.parametrize(("file", "text"), sorted(set(literals())))
def test_a_heading_is_known_in_chinese(monkeypatch, file, text):
    monkeypatch.setenv("QA_LANGUAGE", "zh-CN")
    assert any("一" <= sign <= "鿿" for sign in in_words(text)) or text in {"", "MB", "qa doctor"}


@pytest.mark.parametrize(
    ("language", "name", "shown"),
    [
        ("zh-CN", "call_id", "通话"),
        ("zh-CN", "needs_person", "需人工"),
        ("en", "call_id", "call"),
        ("en", "needs_person", "needs a person"),
        ("en", "asked_by", "asked by"),
        ("zh-CN", "S1.2", "S1.2"),
    ],
)
def test_words(monkeypatch, language, name, shown):
    monkeypatch.setenv("QA_LANGUAGE", language)
    assert in_words(name) == shown
