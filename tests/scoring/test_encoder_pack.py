import json
import struct

import numpy as np
import pytest

from qa.errors import ModelError
from scoring import encoder_pack
from scoring.encoder_pack import assemble, dequantise, is_assembled, kept_pieces, read_container

HIDDEN, LAYERS, HEADS, INNER, POSITIONS, TYPES = 32, 1, 2, 64, 8, 2
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁ok", "好", "б", "ß", "👍", "，", "a好", "<mask>"]


def quantised(values):
    """Blocks of 32 as fp16 scale and nibbles, as the container stores them."""
    out = b""
    for block in np.asarray(values, np.float32).reshape(-1, 32):
        scale = max(float(np.abs(block).max()) / 7, 1e-6)
        steps = np.clip(np.round(block / np.float16(scale)) + 8, 0, 15).astype(np.uint8)
        out += np.float16(scale).tobytes() + bytes(steps[:16] | (steps[16:] << 4))
    return out


def weights():
    shapes = {"emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN)}
    shapes |= {"emb.type": (TYPES, HIDDEN), "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    square = (HIDDEN, HIDDEN)
    for name, shape in {
        "q": square, "k": square, "v": square, "ao": square,
        "aln": (HIDDEN,), "fi": (INNER, HIDDEN), "fo": (HIDDEN, INNER), "oln": (HIDDEN,),
    }.items():  # fmt: skip
        shapes[f"l0.{name}.w"] = shape
        shapes[f"l0.{name}.b"] = (shape[0],)
    dice = np.random.default_rng(1)
    return {name: dice.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def container(tensors=None, *, magic=b"E5S1", version=1):
    tensors = tensors or weights()
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4")
    head = magic + struct.pack("<I", version)
    head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, TYPES)
    head += struct.pack("<fi5iQ", 1e-12, 32, len(PIECES), 0, 2, 1, 3, len(blob))
    head += offsets.tobytes() + np.arange(len(PIECES), dtype="<f4").tobytes() + blob
    head += struct.pack("<iI", 0, 3) + b"\0\0\0" + struct.pack("<i", len(tensors))
    bodies = {
        name: (1, quantised(value)) if name == "emb.word" else (0, value.tobytes())
        for name, value in tensors.items()
    }
    index_size = sum(2 + len(name) + 21 for name in bodies)
    place = len(head) + index_size
    index = b""
    for name, (kind, body) in bodies.items():
        index += struct.pack("<H", len(name)) + name.encode()
        index += struct.pack("<BIQQ", kind, tensors[name].size, place, len(body))
        place += len(body)
    return head + index + b"".join(body for _, body in bodies.values())


def pack(folder, data=None):
    (folder / encoder_pack.CONTAINER).write_bytes(container() if data is None else data)
    return folder


def test_four_bits_come_back_as_block_scale_times_nibble():
    raw = np.float16(0.5).tobytes() + bytes([0x0F] + [0x88] * 15)
    values = dequantise(raw)
    assert values[0] == pytest.approx(3.5)  # low nibble 15 − 8
    assert values[16] == pytest.approx(-4)  # high nibble 0 − 8
    assert not values[1:16].any()


def test_container_is_read_as_written(tmp_path):
    tensors = weights()
    found = read_container(pack(tmp_path, container(tensors)) / encoder_pack.CONTAINER)
    assert [piece for piece, _ in found.pieces] == PIECES
    assert (found.hidden, found.heads, found.inner) == (HIDDEN, HEADS, INNER)
    np.testing.assert_array_equal(found.tensors["l0.fi.w"], tensors["l0.fi.w"].reshape(-1))
    assert np.abs(found.tensors["emb.word"] - tensors["emb.word"]).max() < 0.3


def test_pieces_of_other_scripts_are_dropped():
    kept = [PIECES[at] for at in kept_pieces([(piece, 0.0) for piece in PIECES])]
    assert kept == ["<s>", "<pad>", "</s>", "<unk>", "▁ok", "好", "👍", "，", "a好"]


def test_assembled_folder_fits_the_libraries(tmp_path):
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = assemble(pack(tmp_path))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    tensors = load_file(folder / "model.safetensors")
    assert config["vocab_size"] == 9
    assert tensors["embeddings.word_embeddings.weight"].shape == (9, HIDDEN)
    assert tensors["encoder.layer.0.intermediate.dense.weight"].shape == (INNER, HIDDEN)
    assert tensors["encoder.layer.0.output.dense.weight"].shape == (HIDDEN, INNER)
    tokens = Tokenizer.from_file(str(folder / "tokenizer.json")).encode("OK 好б").tokens
    assert tokens[0] == "<s>"
    assert tokens[-1] == "</s>"
    assert "好" in tokens


def test_assembling_twice_does_it_once_and_a_new_container_again(tmp_path):
    folder = assemble(pack(tmp_path))
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert assemble(tmp_path) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    pack(tmp_path, container() + b"\0")
    assert not is_assembled(tmp_path)
    assemble(tmp_path)
    assert is_assembled(tmp_path)
    assert {item.name for item in tmp_path.iterdir()} == {encoder_pack.CONTAINER, "assembled"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"E5S1",
        b"RIFF" + b"\0" * 200,
        container(version=2),
        container()[:-40],
        container()[:300],
    ],
)
def test_damaged_containers_are_refused_and_leave_nothing(tmp_path, data):
    with pytest.raises(ModelError, match="pull"):
        assemble(pack(tmp_path, data))
    assert [item.name for item in tmp_path.iterdir()] == [encoder_pack.CONTAINER]


def test_missing_container(tmp_path):
    with pytest.raises(ModelError, match="missing"):
        assemble(tmp_path)
