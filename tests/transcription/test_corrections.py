"""Domain words by sound, every change on record."""

from __future__ import annotations

import pytest

from qa.errors import SettingsError
from transcription.corrections import Corrector, load_corrector


@pytest.fixture
def corrector():
    return Corrector(["宽带", "验证码", "工号"], exceptions=["公号"])


@pytest.mark.parametrize(
    ("heard", "written", "changes"),
    [
        ("我家的宽袋断了", "我家的宽带断了", [(3, "宽袋", "宽带")]),
        ("请报一下验证马", "请报一下验证码", [(4, "验证马", "验证码")]),
        ("宽带很慢", "宽带很慢", []),
        ("这是公号", "这是公号", []),
        ("宽，带", "宽，带", []),
        ("宽袋，宽代", "宽带，宽带", [(0, "宽袋", "宽带"), (3, "宽代", "宽带")]),
        ("no Chinese here", "no Chinese here", []),
        ("", "", []),
    ],
)
def test_correct(corrector, heard, written, changes):
    corrected = corrector.correct(heard)
    assert corrected.text == written
    assert len(corrected.text) == len(heard)
    assert [(c.start, c.heard, c.written) for c in corrected.changes] == changes


def test_the_longer_term_wins():
    corrected = Corrector(["宽带", "宽带猫"]).correct("宽代毛坏了")
    assert corrected.text == "宽带猫坏了"
    assert len(corrected.changes) == 1


def test_off_unless_configured():
    assert load_corrector("") is None


def test_a_lexicon_file(tmp_path):
    place = tmp_path / "terms.txt"
    place.write_text("# 产品\n宽带\n-款待\n\n", encoding="utf-8")
    corrector = load_corrector(str(place))
    assert corrector.correct("宽袋").text == "宽带"
    assert corrector.correct("款待").text == "款待"


@pytest.mark.parametrize("line", ["宽", "broadband", "宽 带"])
def test_a_bad_line_is_named(tmp_path, line):
    place = tmp_path / "terms.txt"
    place.write_text(f"宽带\n{line}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_corrector(str(place))
    assert caught.value.place.endswith("terms.txt:2")


def test_a_missing_file_is_named():
    with pytest.raises(SettingsError, match="no correction lexicon"):
        load_corrector("/nowhere/terms.txt")
