"""What people call the rules behind evidence."""

from scoring.loader import load_scorecard
from scoring.matching import default_matcher
from scoring.naming import bank_names, pattern_names


def test_patterns_and_banks_have_a_name_in_both_languages():
    names = pattern_names(load_scorecard("service-standard"))
    assert names["asked to hold"].zh
    assert all(any("\u4e00" <= char <= "\u9fff" for char in name.zh) for name in names.values())
    assert bank_names().keys() == default_matcher().banks.keys()
    assert bank_names()["K1"] == default_matcher().title("K1")
