"""Likeness: what it may do, and that every machine gets the same figures."""

import numpy as np
import pytest

from qa.calls import Role
from qa.errors import ScorecardError
from scoring.matching import default_matcher
from scoring.matching.likeness import LanguageModel, Likeness, grams, load_likeness, save_likeness
from scoring.matching.matcher import LIKENESS_FILE
from scoring.matching.values import SEMANTIC


@pytest.fixture(scope="module")
def likeness():
    return load_likeness(LIKENESS_FILE)


def test_pieces_of_a_sentence():
    assert {"^我", "好", "我好$"[:2], "好$"} <= grams("我好", "zh")
    assert {"^ i", "i can", "can $", "_ ca"} <= grams("i can", "en")
    assert grams("尾号1234", "zh") & {"号0", "0$"} == {"号0", "0$"}


def test_a_forbidden_bank_found_by_likeness_only_asks_a_person():
    matcher = default_matcher()
    for text in ("您这个人真够可以的，脑子让驴给踢啦", "您的事情跟我们可没一毛钱关系"):
        for hit in matcher.hits(text, language="zh", side=Role.AGENT):
            if hit.match == SEMANTIC:
                assert hit.effect != "deduct"


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
    first, again = (model.scores("我来帮你处理", "zh") for _ in range(2))
    assert first.tobytes() == again.tobytes()


def test_nothing_known_means_no_score():
    empty = np.zeros((0, 1), np.int8)
    model = LanguageModel(
        rows={}, weights=empty, rarity=empty[:, 0], unseen=1, scale=np.ones(1),
        bias=np.zeros(1), thresholds=np.zeros(1),
    )  # fmt: skip
    assert model.scores("你好", "zh") is None
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
