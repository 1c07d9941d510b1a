import numpy as np
import pytest

from qa.errors import SettingsError, SourceError
from qa.settings import SentimentSettings
from scoring.check_sentiment import (
    calibration_error,
    check_sentiment,
    judge_sentiment,
    macro_f1,
)
from scoring.sentiment import UNKNOWN, from_probabilities


class Fixed:
    """Answers by the text itself: `0.7,0.2,0.1` are its three probabilities."""

    name = "fixed"
    languages = frozenset()

    def score(self, texts, *, language):
        return [self._one(text) for text in texts]

    def _one(self, text):
        if text == "?":
            return UNKNOWN
        values = map(float, text.split("/"))
        return from_probabilities(
            dict(zip(("positive", "neutral", "negative"), values, strict=True))
        )


def table(tmp_path, *rows, head="language,source,label,text"):
    path = tmp_path / "eval.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_two_label_sources_compare_the_two(tmp_path):
    path = table(
        tmp_path,
        "zh,shop,positive,0.3/0.6/0.1",
        "zh,shop,negative,0.1/0.7/0.2",
        "zh,shop,negative,0.6/0.3/0.1",
    )
    (row,) = judge_sentiment(path, Fixed())
    assert (row.n, row.classes) == (3, 2)
    assert row.accuracy == pytest.approx(2 / 3, abs=1e-3)


def test_three_label_sources_and_several_languages(tmp_path):
    path = table(
        tmp_path,
        "en,tweets,neutral,0.1/0.8/0.1",
        "en,tweets,positive,0.8/0.1/0.1",
        "en,tweets,negative,0.8/0.1/0.1",
        "zh,call,positive,?",
        "zh,call,negative,0/0/1",
    )
    tweets, call = judge_sentiment(path, Fixed())
    assert (tweets.language, tweets.source, tweets.classes) == ("en", "tweets", 3)
    assert tweets.accuracy == pytest.approx(2 / 3, abs=1e-3)
    assert tweets.macro_f1 == pytest.approx((1 + 2 / 3 + 0) / 3, abs=1e-3)
    assert (call.unknown, call.accuracy) == (1, 0.5)


@pytest.mark.parametrize(
    ("rows", "head", "message"),
    [
        (["zh,a,happy,x"], "language,source,label,text", "happy"),
        (["zh,a,x"], "language,source,text", "label"),
        ([], "language,source,label,text", "no rows"),
    ],
)
def test_bad_files_name_the_problem(tmp_path, rows, head, message):
    with pytest.raises(SourceError, match=message):
        judge_sentiment(table(tmp_path, *rows, head=head), Fixed())


def test_missing_file(tmp_path):
    with pytest.raises(SourceError):
        judge_sentiment(tmp_path / "none.csv", Fixed())


def test_macro_f1_counts_labels_that_occur():
    assert macro_f1(["positive", "negative"], ["positive", "positive"]) == pytest.approx(1 / 3)
    assert macro_f1([], []) == 0


def test_calibration():
    right = np.array([True] * 7 + [False] * 3)
    assert calibration_error(np.full(10, 0.7), right) == pytest.approx(0, abs=1e-9)
    assert calibration_error(np.full(10, 0.95), right) == pytest.approx(0.25)
    assert calibration_error(np.array([]), np.array([])) == 0


def test_by_settings_as_plain_rows(tmp_path):
    path = table(tmp_path, "zh,call,positive,太感谢了", "zh,call,negative,太差了")
    (row,) = check_sentiment(path, SentimentSettings(engine="lexicon"))
    assert (row["model"], row["accuracy"], row["n"]) == ("lexicon", 1.0, 2)
    with pytest.raises(SettingsError):
        check_sentiment(path, SentimentSettings(engine="off"))
