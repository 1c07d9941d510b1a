import json

import numpy as np
import pytest

from qa import modelpacks
from qa.errors import ModelError, SettingsError
from qa.settings import SentimentSettings
from scoring import encoder, sentiment_head
from scoring.sentiment import LABELS, UNKNOWN, create_sentiment
from scoring.sentiment_head import HeadSentiment, HeadWeights, features, load_weights, probabilities
from scoring.sentiment_pieces import PIECE_CHARS, split_long
from scoring.sentiment_transformers import columns_of


class Flat:
    """An encoder whose vectors say nothing: what is left is the lexicon."""

    digest = "flat"

    def encode(self, texts):
        return np.zeros((len(texts), 4), np.float32)


def weights(**parts):
    """Weights that only look at the lexicon's last clause."""
    output = np.zeros((7, 3), np.float32)
    output[6] = (2, 0, -2)
    given = {
        "hidden": np.zeros((0, 0), np.float32),
        "hidden_bias": np.zeros(0, np.float32),
        "output": output,
        "output_bias": np.array([0, 0.5, 0], np.float32),
        "temperature": 1.0,
        "version": "t",
        "encoder": "flat",
    }
    return HeadWeights(**given | parts)


MODEL = HeadSentiment(Flat(), weights())


def test_labels_and_order():
    texts = ["太感谢了", "", "太差了", "我的号码是一三八", "ありがとう"]
    found = MODEL.score(texts, language="zh")
    assert [item.label for item in found] == [
        "positive", "unknown", "negative", "neutral", "unknown",
    ]  # fmt: skip
    assert MODEL.score(["", "  "], language="zh") == [UNKNOWN] * 2


def test_long_turns_are_averaged_by_length():
    mixed = MODEL.score(["太差了。" * 400 + "谢谢。" * 100], language="zh")[0]
    assert mixed.label == "negative"
    assert mixed.probabilities["positive"] > 0.1
    assert sum(mixed.probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize("text", ["短", "好。" * 500, "没有句号" * 300, "a. " * 900, "😡" * 400])
def test_pieces_lose_nothing_but_space(text):
    pieces = split_long(text)
    assert max(map(len, pieces)) <= PIECE_CHARS
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_mentions_and_links_are_not_words():
    one, other = features(["@airline thanks http://t.co/x", "thanks"], Flat())
    np.testing.assert_array_equal(one, other)


def test_temperature_softens_and_a_hidden_layer_is_used():
    inputs = features(["太感谢了"], Flat())
    sharp, soft = probabilities(inputs, weights()), probabilities(inputs, weights(temperature=4.0))
    assert sharp[0, 0] > soft[0, 0] > soft[0, 2]
    hidden = weights(hidden=-np.eye(7, dtype=np.float32), hidden_bias=np.zeros(7, np.float32))
    assert probabilities(inputs, hidden)[0, 1] > 0.4


def test_shipped_weights_are_small_and_bound_to_one_encoder():
    found = load_weights()
    assert found.output.shape[1] == len(LABELS)
    assert found.temperature > 0
    with pytest.raises(ModelError, match="trained on encoder"):
        load_weights("another")


@pytest.mark.parametrize("spoil", ["missing", "json", "npz", "field"])
def test_damaged_weights_are_refused(tmp_path, monkeypatch, spoil):
    folder = tmp_path / "sentiment_weights"
    folder.mkdir()
    told = {"temperature": 1, "version": "v", "encoder": "e"}
    if spoil == "field":
        told.pop("encoder")
    np.savez(folder / "head.npz", **{name: np.zeros((1, 3)) for name in (
        "hidden", "hidden_bias", "output", "output_bias")})  # fmt: skip
    (folder / "head.json").write_text("{" if spoil == "json" else json.dumps(told), "utf-8")
    if spoil == "npz":
        (folder / "head.npz").write_bytes(b"not an archive")
    if spoil == "missing":
        (folder / "head.npz").unlink()
    monkeypatch.setattr(sentiment_head, "files", lambda _: tmp_path)
    with pytest.raises(ModelError, match="cannot be read"):
        load_weights()


def test_auto_falls_back_to_words_where_the_encoder_is_missing(tmp_path, monkeypatch):
    encoder._open.cache_clear()
    monkeypatch.setenv("QA_MODELS_DIR", str(tmp_path))
    model, stamp = create_sentiment(SentimentSettings(engine="auto"))
    assert (model.name, stamp.name) == ("lexicon", "sentiment:lexicon")
    with pytest.raises(ModelError):
        create_sentiment(SentimentSettings(engine="head"))


@pytest.mark.parametrize(
    ("names", "labels", "expected"),
    [
        ({0: "negative", 1: "neutral", 2: "positive"}, {}, {"positive": (2,), "negative": (0,)}),
        ({0: "NEG", 1: "POS"}, {}, {"positive": (1,), "negative": (0,), "neutral": ()}),
        ({0: "1 star", 1: "2 stars", 2: "3 stars", 3: "4 stars", 4: "5 stars"}, {},
         {"positive": (3, 4), "neutral": (2,), "negative": (0, 1)}),
        ({0: "LABEL_0", 1: "LABEL_1"}, {"LABEL_0": "negative", "LABEL_1": "positive"},
         {"positive": (1,), "negative": (0,)}),
    ],
)  # fmt: skip
def test_labels_of_other_models_are_mapped(names, labels, expected):
    found = columns_of(names, labels)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ({0: "LABEL_0", 1: "LABEL_1"}, {}),
        ({0: "joy", 1: "anger"}, {}),
        ({0: "positive", 1: "other"}, {"other": "happy"}),
        ({0: "positive"}, {}),
    ],
)
def test_labels_are_never_guessed(names, labels):
    with pytest.raises(SettingsError):
        columns_of(names, labels)


def test_transformers_needs_a_model():
    with pytest.raises(SettingsError):
        create_sentiment(SentimentSettings(engine="transformers"))


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("问题都解决了，你们真是太贴心了", "zh", "positive"),
        ("等了三天没有一个人理我，你们太让人失望了", "zh", "negative"),
        ("我的手机尾号是三三四二", "zh", "neutral"),
        ("谢谢啊，白白浪费了我一个下午", "zh", "negative"),
        ("you sorted it so fast, thank you", "en", "positive"),
        ("nobody ever calls me back, I'm fed up", "en", "negative"),
        ("my order number is four four seven", "en", "neutral"),
    ],
)
def test_the_shipped_head(text, language, expected):
    pytest.importorskip("torch")
    try:
        modelpacks.locate("e5-small")
    except ModelError as error:
        pytest.skip(str(error))
    model, _ = create_sentiment(SentimentSettings(engine="head"))
    assert model.score([text], language=language)[0].label == expected
