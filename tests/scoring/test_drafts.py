"""Drafts: started, saved, not overwritten by accident, never mistaken for active versions."""

import pytest

from qa.errors import ScorecardError
from scoring.drafts import card_of, list_drafts, plain_of, read_draft, save_draft, start_draft
from scoring.loader import list_scorecards, load_scorecard


@pytest.fixture
def card():
    return load_scorecard("service-standard")


def test_a_draft_has_the_next_version_and_the_same_content(card, tmp_path):
    draft = start_draft(card, tmp_path)
    assert draft.name == "service-standard@1.1"
    assert list_drafts(tmp_path) == [draft.name]
    again, problems = card_of(plain_of(card) | {"version": "1.1"})
    assert problems == []
    assert load_scorecard(draft.path) == again


def test_drafts_score_nothing_until_they_are_active(card, tmp_path):
    start_draft(card, tmp_path)
    assert set(list_scorecards(tmp_path)) == set(list_scorecards())


def test_versions_are_never_used_twice(card, tmp_path):
    first = start_draft(card, tmp_path)
    second = start_draft(card, tmp_path)
    assert [first.name, second.name] == ["service-standard@1.1", "service-standard@1.2"]
    with pytest.raises(ScorecardError, match="exists"):
        start_draft(card, tmp_path, version="1.2")


def test_who_saves_second_is_told(card, tmp_path):
    mine = start_draft(card, tmp_path)
    theirs = read_draft(tmp_path, mine.name)
    plain = plain_of(load_scorecard(mine.path))
    plain["sections"][0]["criteria"][0]["name"]["en"] = "Greeting"
    changed, _ = card_of(plain)
    save_draft(theirs, changed)
    plain["sections"][0]["criteria"][0]["name"]["en"] = "Hello"
    other, _ = card_of(plain)
    with pytest.raises(ScorecardError, match="somebody else"):
        save_draft(mine, other)
    assert "Greeting" in read_draft(tmp_path, mine.name).text


def test_saving_the_same_twice_is_no_conflict(card, tmp_path):
    draft = start_draft(card, tmp_path)
    same = load_scorecard(draft.path)
    assert save_draft(save_draft(draft, same), same).text == draft.text


def test_wrong_data_is_told_by_field(card):
    plain = plain_of(card)
    plain["sections"][0]["criteria"][0]["weight"] = -1
    made, problems = card_of(plain)
    assert made is None
    assert "sections" in problems[0].field
    assert problems[0].severity == "error"


@pytest.mark.parametrize("name", ["../../etc/passwd@1", "a@../b", "@1", "x", "a@1/../../b", "a@"])
def test_names_are_not_paths(name, tmp_path):
    with pytest.raises(ScorecardError, match="ID@VERSION"):
        read_draft(tmp_path, name)
