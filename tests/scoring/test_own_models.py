"""Folders a site brings along: a small encoder and a small classifier, made here."""

import json

import numpy as np
import pytest

from qa.errors import ModelError, SettingsError
from qa.settings import SentimentSettings
from scoring import encoder_pack
from scoring.encoder import open_encoder
from scoring.sentiment import LABELS, create_sentiment

pytestmark = pytest.mark.models
PIECES = [(piece, -1.0 - at / 10) for at, piece in enumerate(
    ["<s>", "<pad>", "</s>", "<unk>", "▁", "好", "差", "g", "o", "d", "b", "a"])]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    torch = pytest.importorskip("torch")
    from qa.runtime import guard_torchaudio

    guard_torchaudio()
    import transformers

    place = tmp_path_factory.mktemp("tiny")
    config = transformers.BertConfig(
        vocab_size=len(PIECES), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, num_labels=3, pad_token_id=1,
    )  # fmt: skip
    torch.manual_seed(3)
    transformers.BertForSequenceClassification(config).save_pretrained(place)
    (place / "tokenizer.json").write_text(json.dumps(encoder_pack._tokenizer(PIECES)), "utf-8")
    told = {
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    (place / "tokenizer_config.json").write_text(json.dumps(told), "utf-8")
    return place


def test_an_encoder_by_path(folder):
    encoder = open_encoder(str(folder))
    vectors = encoder.encode(["好", "差差", "good " * 500, ""])
    assert vectors.shape == (4, 32)
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(1, abs=1e-4)
    assert encoder.digest != open_encoder("e5-small").digest


def test_the_head_refuses_another_encoder(folder):
    with pytest.raises(ModelError, match="trained on encoder"):
        create_sentiment(SentimentSettings(engine="head", encoder=str(folder)))
    model, _ = create_sentiment(SentimentSettings(engine="auto", encoder=str(folder)))
    assert model.name == "lexicon"


def test_a_classifier_needs_its_labels_mapped(folder):
    settings = {"engine": "transformers", "model": str(folder)}
    with pytest.raises(SettingsError, match="LABEL_0"):
        create_sentiment(SentimentSettings(**settings))
    labels = {f"LABEL_{at}": name for at, name in enumerate(LABELS)}
    model, stamp = create_sentiment(SentimentSettings(**settings, labels=labels))
    found = model.score(["好好", "", "a" * 5000, "早安😊"], language="zh")
    assert [item.label == "unknown" for item in found] == [False, True, False, False]
    assert all(sum(item.probabilities.values()) == pytest.approx(1) for item in found if item[2])
    assert stamp.model == str(folder)


def test_a_broken_classifier_folder(folder, tmp_path):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match="cannot be loaded"):
        create_sentiment(SentimentSettings(engine="transformers", model=str(tmp_path)))
