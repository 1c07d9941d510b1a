"""The witness: it takes deductions back where the sentence around a frame sounds good, nothing else."""

from types import SimpleNamespace

import pytest

from qa.calls import Role
from qa.errors import ScorecardError
from scoring.matching import default_matcher
from scoring.matching.likeness import load_witness, sentence_around
from scoring.matching.matcher import PhraseMatcher


def effects(matcher, text, bank):
    hits = matcher.hits(text, language="", side=Role.AGENT)
    return {hit.effect for hit in hits if hit.bank == bank}


@pytest.mark.parametrize(
    ("bank", "good", "bad"),
    [
        ("F6", "您小心，那个地方有台阶，师傅会带好工具", "你小心点"),
        ("F5", "I give you my word I'll call back at four", "you have my word it will work"),
    ],
)
def test_the_same_frame_deducts_only_in_a_bad_sentence(bank, good, bad):
    matcher = default_matcher()
    assert effects(matcher, good, bank) <= {"candidate"}
    assert effects(matcher, bad, bank) == {"deduct"}


@pytest.mark.parametrize(
    ("share", "margin", "deducts"),
    [
        ("passing", 0.2, False),  # a few words of a long clause: more is asked of the sentence
        ("passing", 0.4, True),
        ("half", 0.0, False),
        ("half", 0.2, True),
        ("whole", 0.0, False),
        ("whole", 0.2, True),
    ],
)
def test_a_frame_deducts_where_the_sentence_sounds_forbidden(share, margin, deducts):
    said = {
        "passing": "这种事情按道理来说呢真的该由他们来讲没得商量",
        "half": "这件事真没得商量",
        "whole": "没得商量",
    }
    witness = SimpleNamespace(judged=frozenset({"F1"}), digest="", margin=lambda _: margin)
    matcher = PhraseMatcher(default_matcher()._lexicon, witness=witness)
    assert effects(matcher, said[share], "F1") == {"deduct" if deducts else "candidate"}


def test_a_listed_phrase_that_is_most_of_its_sentence_needs_no_witness():
    witness = SimpleNamespace(judged=frozenset({"F1"}), digest="", margin=lambda _: -9.0)
    matcher = PhraseMatcher(default_matcher()._lexicon, witness=witness)
    assert effects(matcher, "办不了", "F1") == {"deduct"}


def test_without_a_witness_frames_decide_alone():
    shipped = default_matcher()
    alone = PhraseMatcher(shipped._lexicon)
    assert alone.digest != shipped.digest
    assert effects(alone, "it isn't too bad, only a small scratch by the sound of it", "F1") == {
        "deduct"
    }


def test_a_long_sentence_is_judged_by_the_clause_of_the_find():
    clause = "这个我们办不了"
    text = ",".join(["我先帮你看一下账单里面的情况"] * 4 + [clause] + ["你稍等一下我再确认"] * 3)
    start = text.index(clause)
    assert sentence_around(text, start, start + len(clause)) == clause
    endless = "好" * 100 + clause + "好" * 100
    assert len(sentence_around(endless, 100, 107)) < 60
    assert sentence_around("你好." + clause + ".再见", 3, 10) == clause


def test_an_absent_witness_is_none_and_a_damaged_one_an_error(tmp_path):
    assert load_witness(tmp_path / "absent.npz") is None
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"nothing")
    with pytest.raises(ScorecardError, match=r"broken\.npz"):
        load_witness(broken)
