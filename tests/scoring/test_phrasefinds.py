"""Phrase hits kept with the analysis change nothing but the time it takes."""

from dataclasses import replace

import pytest

from qa.analysis import Analysis
from qa.calls import Role
from qa.codec import from_json, to_json
from scoring.engine import load_scorecard, score
from scoring.matching import default_matcher
from scoring.phrasefinds import find_phrases, kept_hits
from tests.conversations import generated_call


class Forgetful:
    """A matcher of the same identity that must not be asked."""

    def __init__(self, matcher):
        self.digest = matcher.digest
        self.nearest = matcher.nearest
        self.words = matcher.words
        self.title = matcher.title

    def hits(self, *args, **options):
        raise AssertionError("searched again")


def with_finds(analysis):
    return replace(analysis, phrases=find_phrases(analysis.transcript, default_matcher()))


@pytest.mark.parametrize("seed", range(6))
def test_the_evaluation_is_the_same_byte_for_byte(seed):
    card, matcher = load_scorecard("service-standard"), default_matcher()
    analysis = generated_call(seed, language="zh" if seed % 2 else "en")
    kept = from_json(Analysis, to_json(with_finds(analysis)))
    searched = to_json(score(analysis, card, matcher=matcher))
    assert to_json(score(kept, card, matcher=matcher)) == searched


def test_kept_hits_are_used():
    card = load_scorecard("service-standard")
    analysis = with_finds(generated_call(1, language="zh"))
    assert score(analysis, card, matcher=Forgetful(default_matcher())).results


def test_another_matcher_or_a_changed_turn_makes_the_search_new():
    matcher = default_matcher()
    analysis = with_finds(generated_call(2, language="en"))
    assert kept_hits(analysis, matcher)
    assert kept_hits(analysis, matcher.with_slots(company=("Harbor Bank",))) is None
    first, *rest = analysis.transcript.turns
    other = Role.CUSTOMER if first.role is Role.AGENT else Role.AGENT
    for changed in (replace(first, role=other), replace(first, text="你好")):
        transcript = replace(analysis.transcript, turns=(changed, *rest))
        assert kept_hits(replace(analysis, transcript=transcript), matcher) is None
    assert kept_hits(replace(analysis, phrases=None), matcher) is None
