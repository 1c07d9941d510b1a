"""Likeness: what it may do, and that every machine gets the same figures."""

import numpy as np
import pytest

from qa.calls import Role
from qa.errors import ScorecardError
from scoring.matching import default_matcher
from scoring.matching.likeness import (
    LanguageModel,
    Likely,
    Likeness,
    Witness,
    grams,
    grams_as_written,
    load_likeness,
    save_likeness,
)
from scoring.matching.matcher import LIKENESS_FILE


@pytest.fixture(scope="module")
def likeness():
    return load_likeness(LIKENESS_FILE)


def test_pieces_of_a_sentence():
    assert {"^我", "好", "我好$"[:2], "好$"} <= grams("我好", "zh")
    assert {"^ i", "i can", "can $", "_ ca"} <= grams("i can", "en")
    assert grams("尾号1234", "zh") & {"号0", "0$"} == {"号0", "0$"}
    assert {"我们", "^我们好", "我…好"} <= grams_as_written("我们好", "zh")
    assert {"you…help", "you help"} & grams_as_written("you can help", "en") == {"you…help"}


@pytest.mark.parametrize(
    ("text", "bank", "effect"),
    [
        ("我要销户", "K2", "signal"),
        ("不用销户，改号就行。", "K2", "candidate"),
        ("我找消协去！", "K1", "signal"),
        ("I just need to call my boss at my job and make sure", "K1", "candidate"),
        ("put me through to your boss now", "K1", "signal"),
    ],
)
def test_a_signal_in_ordinary_talk_is_left_to_a_person(text, bank, effect):
    hits = default_matcher().hits(text, language="", side=Role.CUSTOMER)
    assert {hit.effect for hit in hits if hit.bank == bank} == {effect}


def test_a_doubted_signal_hides_no_other_beside_it():
    said = "不用销户，改号就行。另外给我退掉会员。"
    hits = default_matcher().hits(said, language="zh", side=Role.CUSTOMER)
    found = [(said[hit.start : hit.end][:2], hit.effect) for hit in hits if hit.bank == "K2"]
    assert found == [("销户", "candidate"), ("另外", "signal")]


def test_polite_words_keep_likeness_from_deducting():
    asked = "could I have the last two digits once more, please?"
    hits = default_matcher().hits(
        f"Sorry, the line crackled just then, {asked}", language="en", side=Role.AGENT
    )
    assert {hit.effect for hit in hits if hit.bank == "L5x"} == {"candidate"}


@pytest.mark.parametrize(
    ("text", "bank", "effect"),
    [
        ("您的事情跟我们可没一毛钱关系", "F2", "deduct"),  # no frame knows it, both models do
        ("您等一下", "F10", ""),  # 您 instead of 你 is what makes it good
        ("your password is asked for by the app, never tell it to me or anyone", "F7", ""),
        ("你有饼吧", "F4", "candidate"),  # heard by its sound: never more than a candidate
    ],
)
def test_a_sentence_no_frame_knows_deducts_only_where_both_models_are_sure(text, bank, effect):
    hits = default_matcher().hits(text, language="zh", side=Role.AGENT)
    assert {hit.effect for hit in hits if hit.bank == bank} == ({effect} if effect else set())


@pytest.mark.parametrize(
    ("figures", "whole", "said", "deducts"),
    [
        ((0.6, 0.1, 0.9), True, "这样讲话没有道理", True),
        ((0.6, 0.1, 0.8), True, "这样讲话没有道理", False),  # together they are not sure enough
        ((0.2, 0.1, 1.9), True, "这样讲话没有道理", False),  # the witness hardly agrees
        ((1.4, -0.2, 0.9), True, "这样讲话没有道理", False),  # it resembles no bank in particular
        ((1.4, 0.1, 0.9), True, "没理", False),  # too short to say anything
        ((1.4, 0.1, 0.9), False, "这样讲话没有道理", False),  # a clause of a sentence
    ],
)
def test_what_it_takes_to_deduct_without_a_frame(figures, whole, said, deducts):
    margin, score, lead = figures
    one = np.ones((1, 1), np.int8)
    piece = LanguageModel(
        rows={"没": 0}, weights=one * 0, rarity=np.ones(1, np.int32), unseen=1, scale=np.ones(1),
        bias=np.array([margin]), thresholds=np.array([0.0, 1.5]),
    )  # fmt: skip
    witness = Witness(judged=frozenset(), models={"zh": piece}, digest="")
    likely = Likely(bank="F1", score=score, lead=lead, whole=whole, start=0, end=len(said))
    assert witness.convicts(said, likely) is deducts


def test_a_clause_does_not_deduct_in_a_good_sentence():
    bad = "it'll probably be there tomorrow"
    good = bad + ", and I'll send you the tracking link"
    effects = [
        {hit.effect for hit in default_matcher().hits(text, language="en", side=Role.AGENT)
         if hit.bank == "F11"}
        for text in (bad, good)
    ]  # fmt: skip
    assert effects[0] == {"deduct"}
    assert effects[1] <= {"candidate"}


def test_banks_of_the_other_side_are_left_out(likeness):
    allowed = likeness.mask(frozenset({"K1"}))
    found = {likely.bank for likely in likeness.find("我要投诉你们,请问有什么可以帮你", allowed)}
    assert found <= {"K1"}


def test_endless_text_is_read_in_windows_and_offsets_hold(likeness):
    text = "然后我就说这个东西吧" * 12 + "请问还有其他可以帮你的吗" + "然后我就说这个东西吧" * 12
    allowed = likeness.mask(frozenset(likeness.banks))
    for likely in likeness.find(text, allowed):
        assert 0 <= likely.start < likely.end <= len(text)
        assert 0 <= likely.similarity <= 1


def test_the_figures_are_exact_integers_until_the_last_step(likeness):
    model = likeness.models["zh"]
    assert model.weights.dtype == np.int8
    assert model.rarity.dtype == np.int32
    first, again = (model.scores(grams("我来帮你处理", "zh")) for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_nothing_known_means_no_score():
    empty = np.zeros((0, 1), np.int8)
    model = LanguageModel(
        rows={}, weights=empty, rarity=empty[:, 0], unseen=1, scale=np.ones(1),
        bias=np.zeros(1), thresholds=np.zeros(1),
    )  # fmt: skip
    assert model.scores(grams("你好", "zh")) is None
    nothing = Likeness(banks=("none",), models={"zh": model}, digest="")
    assert not list(nothing.find("你好", nothing.mask(frozenset())))


def test_a_missing_model_is_no_model_and_a_damaged_one_an_error(tmp_path):
    assert load_likeness(tmp_path / "absent.npz") is None
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ScorecardError, match=r"broken\.npz"):
        load_likeness(broken)
    empty = tmp_path / "empty.npz"
    save_likeness(empty, banks=("none",), models={"zh": {"grams": []}})
    with pytest.raises(ScorecardError, match=r"empty\.npz"):
        load_likeness(empty)
