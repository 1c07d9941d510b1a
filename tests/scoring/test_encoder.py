import subprocess
import sys

import numpy as np
import pytest

from qa import modelpacks
from qa.errors import ModelError
from scoring.encoder import _batches, open_encoder, similarities


def test_importing_needs_no_heavy_library():
    code = (
        "import sys, scoring.encoder, scoring.semantics, scoring.alerts, scoring.sentiment_head;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [5, 900, 40, 40, 3000, 7, 1]
    batches = _batches(lengths)
    assert sorted(at for batch in batches for at in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or max(lengths[at] for at in batch) * len(batch) <= 2048


@pytest.mark.parametrize("name", ["no-such-encoder", "/no/such/folder", "", "e5-smal"])
def test_unknown_encoders_are_named(name):
    with pytest.raises(ModelError, match=r"no such encoder|config"):
        open_encoder(name)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"config\.json"):
        open_encoder(str(tmp_path))


def test_similarities_are_cosines_of_unit_rows():
    table = similarities(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert table.tolist() == [[0.0, 1.0]]


@pytest.fixture(scope="module")
def encoder():
    pytest.importorskip("torch")
    try:
        modelpacks.locate("e5-small")
    except ModelError as error:
        pytest.skip(str(error))
    return open_encoder("e5-small")


@pytest.mark.models
def test_a_broken_folder_says_so(tmp_path):
    pytest.importorskip("torch")
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    with pytest.raises(ModelError, match="cannot be loaded"):
        open_encoder(str(tmp_path))


@pytest.mark.models
def test_vectors_are_unit_and_in_order(encoder):
    texts = ["我要退款", "I want a refund", "今天天气很好", ""]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(1, abs=1e-4)
    assert not vectors[3].any()
    table = similarities(vectors, vectors)
    assert table[0, 1] > table[0, 2] + 0.03


@pytest.mark.models
def test_the_same_text_has_the_same_vector_whatever_stands_beside_it(encoder):
    alone = open_encoder("e5-small").encode(["麻烦帮我查一下账单"])
    fresh = type(encoder)(encoder._loaded, digest="x", cached=4)
    beside = fresh.encode(["短", "麻烦帮我查一下账单", "一段长一些的话，" * 30])
    assert float(alone[0] @ beside[1]) == pytest.approx(1, abs=1e-4)
    assert len(fresh._cache) == 3
    fresh.encode([f"第{number}句" for number in range(9)])
    assert len(fresh._cache) == 4


@pytest.mark.models
def test_long_texts_are_read_to_the_end(encoder):
    start = "宽带断网了，" * 400
    one, other = encoder.encode([start + "谢谢" * 200, start + "垃圾公司" * 200])
    assert float(one @ other) < 0.999
    assert np.isfinite(encoder.encode(["好" * 5000, "😡😡", "Спасибо", "a\x00b"])).all()
