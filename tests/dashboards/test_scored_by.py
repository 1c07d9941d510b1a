"""Whose score a list shows, in both languages."""

from functools import partial

import pandas as pd
import pytest

from dashboards.scored_by import mark, scored_by
from dashboards.texts import translate

CASES = [
    # state, is_decided, machine's, zh, en
    (None, False, None, "", ""),
    ("scored", False, 82.04, "机器", "machine"),
    ("needs_person", False, None, "机器", "machine"),
    ("scored", True, 82.04, "人工 · 机器 82.0", "person · machine 82.0"),
    ("scored", True, 0.0, "人工 · 机器 0.0", "person · machine 0.0"),
    ("scored", True, None, "人工 · 机器 无分", "person · machine no score"),
]


@pytest.mark.parametrize(("language", "at"), [("zh-CN", 3), ("en", 4)])
def test_a_list_says_whose_score_it_shows(language, at):
    rows = pd.DataFrame(
        {
            "state": pd.array([case[0] for case in CASES], dtype="string"),
            "is_decided": pd.array([case[1] for case in CASES], dtype="boolean"),
            "machine_percent": pd.array([case[2] for case in CASES], dtype="float64"),
        }
    )
    t = partial(translate, language=language)
    assert scored_by(rows, t) == [case[at] for case in CASES]


def test_one_row_says_the_same():
    t = partial(translate, language="en")
    assert mark(float("nan"), t, is_decided=True) == "person · machine no score"
