"""Searching: quick looks for plain strings change no result."""

from __future__ import annotations

import re

import pytest

from qa.calls import Role
from scoring.criteria.entity import PATTERNS
from scoring.criteria.means import Means
from scoring.criteria.needles import needles
from scoring.criteria.searching import search_text, spans_by_turn
from scoring.criteria.view import CallView
from scoring.loader import PACKAGED
from tests.conversations import FakeMatcher, generated_call

_STANDARD = (PACKAGED / "service-standard.yaml").read_text("utf-8")
#: The patterns of the service standard, as they stand in its quotes.
_WRITTEN = sorted(set(re.findall(r"(?:zh|en): '([^']{4,})'", _STANDARD)))


@pytest.mark.parametrize(
    ("pattern", "strings"),
    [
        ("光猫", {"光猫"}),
        ("a|b|cd", {"a", "b", "cd"}),
        ("(转接|转到)(人工)?", {"转接", "转到"}),
        ("您.{0,4}(可以|行)吗", {"可以吗", "行吗"}),
        (r"\byes\?|tell me", {"yes?", "tell me"}),
        ("driver's licen[sc]e", {"driver's licence", "driver's license"}),
        ("(home )?address", {"address"}),
        ("(说(过|了)){1,3}", {"说过", "说了"}),
        ("(?!不)好的", {"好的"}),
        (r"\d{3}-\d{4}", {"-"}),
        (r"\(?\d{3}\)?", set()),
        ("[^a]", set()),
        ("(a|.)b?", set()),
        ("(", set()),
    ],
)
def test_strings_a_match_must_contain(pattern, strings):
    assert set(needles(pattern)) == strings


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_call_is_searched_as_if_turn_by_turn(language):
    clocked = [r"(\w+\s?)+请", r"\w+[\s,]+\w+"]
    patterns = _WRITTEN + clocked + [pattern for some in PATTERNS.values() for pattern in some]
    assert len(patterns) > 60
    hits = 0
    for seed in range(4):
        view = CallView(generated_call(seed, language=language), Means(matcher=FakeMatcher({})))
        for pattern in patterns:
            expected = {
                pos: spans
                for pos, turn in enumerate(view.turns)
                if turn.role == Role.AGENT and (spans := search_text(pattern, turn.text))
            }
            assert spans_by_turn(pattern, view, Role.AGENT) == expected
            hits += len(expected)
    assert hits > 40
