"""What the command line says of a call's score, in both languages."""

import pytest

from flows.lookup import scored_by


@pytest.mark.parametrize(
    ("state", "is_decided", "machine", "shown"),
    [
        (None, False, None, (None, None)),
        ("scored", False, 82.04, ("机器", "machine")),
        ("needs_person", False, None, ("机器", "machine")),
        ("scored", True, 82.04, ("人工 · 机器 82.0", "person · machine 82.0")),
        ("scored", True, None, ("人工 · 机器 无分", "person · machine no score")),
    ],
)
def test_a_line_says_whose_score_it_shows(monkeypatch, state, is_decided, machine, shown):
    row = {"state": state, "is_decided": is_decided, "machine_percent": machine}
    for language, words in zip(("zh-CN", "en"), shown, strict=True):
        monkeypatch.setenv("QA_LANGUAGE", language)
        assert scored_by(row) == words
