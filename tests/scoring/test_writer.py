"""Writing scorecards: read again, they are the same."""

from __future__ import annotations

import pytest

from scoring.loader import PACKAGED, load_scorecard, parse_scorecard
from scoring.writer import to_yaml
from tests.scoring.cards import small

PACKAGED_CARDS = sorted(PACKAGED.rglob("*.yaml"))


@pytest.mark.parametrize("path", PACKAGED_CARDS, ids=lambda p: p.stem)
def test_what_is_written_reads_back_the_same(path):
    card = load_scorecard(path)
    text = to_yaml(card)
    again = parse_scorecard(text, file="written.yaml")
    assert again == card
    assert again.digest() == card.digest()
    assert to_yaml(again) == text


@pytest.mark.parametrize(
    "value",
    ["no", "yes", "10:30", "1.0", "null", "~", "- x", "#", "“引号”", "a: b", "'", '"', " x "],
)
def test_awkward_texts_survive(value):
    card = small().model_copy(update={"options": {"x": value}})
    assert parse_scorecard(to_yaml(card), file="w.yaml").options["x"] == value


def test_the_file_is_for_people():
    lines = to_yaml(small()).splitlines()
    assert lines[0].startswith("# yaml-language-server")
    assert lines[1] == "id: small"
    assert "        rule: {kind: phrase, banks: [G1]}" in lines
    assert "null" not in "\n".join(lines)
