"""From the `e5-small` container to a model folder that `transformers` and `tokenizers` load.

The container (format in `docs/models.md`) holds multilingual-e5-small with 4-bit weights and a
unigram vocabulary of 250,002 pieces for a hundred languages. Mandarin and English need 40 % of
them: pieces with any other script are dropped, with their rows of the embedding table. What is
written is a plain `BertModel` (fp16 safetensors) and a `tokenizer.json`, once, atomically.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from qa.errors import ModelError
from qa.packfetch import sha256_of

CONTAINER = "e5-small-q4.bin"
ASSEMBLED = "assembled"
#: Raised whenever the same container would be written differently.
ASSEMBLY_VERSION = 1
_STAMP = "assembly.json"
_MAGIC = b"E5S1"
_BLOCK = 18
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
#: ASCII, the word-start mark, general and CJK punctuation, Han, full-width forms, emoji.
_KEPT = re.compile(
    "[\u0020-\u007e\u2581\u00a0-\u00bf\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u21ff"
    "\u2500-\u27bf\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
    "\U0001f000-\U0001faff\ufe0f]+"
)
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING = {"emb.pos": "position_embeddings", "emb.type": "token_type_embeddings"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The parsed container: sizes, vocabulary, and weights as float32 by the container's names."""

    hidden: int
    layers: int
    heads: int
    inner: int
    positions: int
    types: int
    epsilon: float
    pieces: tuple[tuple[str, float], ...]
    tensors: dict[str, np.ndarray]


def assemble(folder: Path) -> Path:
    """The model folder made from the container in `folder`; made now unless it is there already.

    Args:
        folder: The pack's folder, which holds `e5-small-q4.bin`.

    Raises:
        ModelError: The container is missing or damaged, or the folder cannot be written.
    """
    ready = folder / ASSEMBLED
    source = folder / CONTAINER
    if is_assembled(folder):
        return ready
    if not source.is_file():
        raise ModelError("the encoder's container is missing", str(source), "pull the pack again")
    container = read_container(source)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".assembling-") as workspace:
            fresh = Path(workspace) / ASSEMBLED
            write_folder(container, fresh)
            _write_json(fresh / _STAMP, _stamp(source) | {"container_sha256": sha256_of(source)})
            _swap(fresh, ready, Path(workspace) / "old")
    except OSError as error:
        raise ModelError(
            f"cannot write the assembled encoder: {error.strerror or error}",
            str(folder),
            "make the folder writable once, or assemble it where it is",
        ) from error
    return ready


def is_assembled(folder: Path) -> bool:
    """Whether `folder` holds the model folder of exactly this container and this assembly."""
    try:
        stamp = json.loads((folder / ASSEMBLED / _STAMP).read_text("utf-8"))
        expected = _stamp(folder / CONTAINER)
    except (OSError, ValueError):
        return False
    if not isinstance(stamp, dict):
        return False
    return bool(expected.items() <= stamp.items())


def _stamp(source: Path) -> dict[str, Any]:
    """What must be equal for a folder to be used again; the hash beside it is for the record."""
    return {"assembly": ASSEMBLY_VERSION, "container_bytes": source.stat().st_size}


def _swap(fresh: Path, ready: Path, old: Path) -> None:
    """Put the folder in place; when two processes assemble at once, the first one stays."""
    if ready.exists():
        ready.rename(old)
    try:
        fresh.rename(ready)
    except OSError:
        if not ready.is_dir():
            raise
        shutil.rmtree(fresh, ignore_errors=True)


def read_container(source: Path) -> Container:
    """Parse the container; every length is checked against the file before it is used.

    Raises:
        ModelError: The file is not this format, or is cut off.
    """
    data = source.read_bytes()
    try:
        return _parse(data)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError, KeyError) as error:
        raise ModelError(
            f"not an E5S1 container, or cut off ({error})", str(source), "pull the pack again"
        ) from error


def _parse(data: bytes) -> Container:
    reader = _Reader(data)
    if reader.bytes(4) != _MAGIC or reader.unpack("<I")[0] != 1:
        raise ValueError("wrong magic or version")
    hidden, layers, heads, inner, vocabulary, positions, types = reader.unpack("<7i")
    epsilon, block = reader.unpack("<fi")
    count, bos, eos, pad, unk = reader.unpack("<5i")
    if block != 32 or (bos, pad, eos, unk) != (0, 1, 2, 3) or not 4 < count <= vocabulary:
        raise ValueError("unexpected block size or special pieces")
    pieces = _read_pieces(reader, count)
    _, table_bytes = reader.unpack("<iI")
    reader.bytes(table_bytes)  # its normalisation table; NFKC gives the same vectors
    tensors = dict(_read_tensors(reader))
    tensors["emb.word"] = tensors["emb.word"].reshape(vocabulary, hidden)
    return Container(
        hidden=hidden,
        layers=layers,
        heads=heads,
        inner=inner,
        positions=positions,
        types=types,
        epsilon=epsilon,
        pieces=pieces,
        tensors=tensors,
    )


class _Reader:
    """A cursor over bytes that refuses to read past the end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def bytes(self, count: int) -> memoryview:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError(f"{count} bytes wanted at {self.at}")
        self.at += count
        return memoryview(self.data)[self.at - count : self.at]

    def unpack(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(layout, self.bytes(struct.calcsize(layout)))

    def slice(self, offset: int, count: int) -> memoryview:
        if offset + count > len(self.data):
            raise ValueError(f"tensor ends at {offset + count}, file at {len(self.data)}")
        return memoryview(self.data)[offset : offset + count]


def _read_pieces(reader: _Reader, count: int) -> tuple[tuple[str, float], ...]:
    (blob_bytes,) = reader.unpack("<Q")
    offsets = np.frombuffer(reader.bytes(4 * (count + 1)), "<u4")
    scores = np.frombuffer(reader.bytes(4 * count), "<f4")
    blob = bytes(reader.bytes(blob_bytes))
    if int(offsets[-1]) > blob_bytes:
        raise ValueError("piece offsets run past the blob")
    return tuple(
        (blob[offsets[at] : offsets[at + 1]].decode("utf-8"), float(scores[at]))
        for at in range(count)
    )


def _read_tensors(reader: _Reader) -> Iterator[tuple[str, np.ndarray]]:
    (count,) = reader.unpack("<i")
    for _ in range(count):
        (length,) = reader.unpack("<H")
        name = bytes(reader.bytes(length)).decode("ascii")
        kind, elements, offset, size = reader.unpack("<BIQQ")
        raw = reader.slice(offset, size)
        values = np.frombuffer(raw, "<f4") if kind == 0 else dequantise(raw)
        if values.size < elements:
            raise ValueError(f"{name} has {values.size} of {elements} values")
        yield name, values[:elements]


def dequantise(raw: memoryview | bytes) -> np.ndarray:
    """4-bit blocks as float32: fp16 scale, then 16 bytes holding element j low and j+16 high."""
    blocks = np.frombuffer(raw, np.uint8).reshape(-1, _BLOCK)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8.0) * scale).reshape(-1)


def kept_pieces(pieces: Sequence[tuple[str, float]]) -> list[int]:
    """Places of the pieces Mandarin and English texts can use, special pieces first."""
    return [
        at
        for at, (piece, _) in enumerate(pieces)
        if at < len(_SPECIAL) or (_KEPT.fullmatch(piece) and piece != "<mask>")
    ]


def write_folder(container: Container, folder: Path) -> None:
    """Write configuration, weights and tokenizer of the pruned model."""
    from safetensors.numpy import save_file  # noqa: PLC0415 - only where weights are written

    kept = kept_pieces(container.pieces)
    folder.mkdir(parents=True)
    save_file(_bert_tensors(container, kept), folder / "model.safetensors", {"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # the writer makes it private; packs are shared
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": container.hidden,
        "num_hidden_layers": container.layers,
        "num_attention_heads": container.heads,
        "intermediate_size": container.inner,
        "max_position_embeddings": container.positions,
        "type_vocab_size": container.types,
        "layer_norm_eps": container.epsilon,
        "vocab_size": len(kept),
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "hidden_act": "gelu",
        "dtype": "float16",
    }
    _write_json(folder / "config.json", config)
    _write_json(folder / "tokenizer.json", _tokenizer([container.pieces[at] for at in kept]))
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    names |= {"pad_token": "<pad>", "unk_token": "<unk>"}
    length = {"model_max_length": container.positions}
    _write_json(
        folder / "tokenizer_config.json",
        names | length | {"tokenizer_class": "PreTrainedTokenizerFast"},
    )


def _write_json(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")


def _bert_tensors(container: Container, kept: Sequence[int]) -> dict[str, np.ndarray]:
    hidden, inner, found = container.hidden, container.inner, container.tensors
    tensors = {"embeddings.word_embeddings.weight": found["emb.word"][np.asarray(kept)]}
    for name, full in _EMBEDDING.items():
        tensors[f"embeddings.{full}.weight"] = found[name].reshape(-1, hidden)
    for part, full in (("w", "weight"), ("b", "bias")):
        tensors[f"embeddings.LayerNorm.{full}"] = found[f"emb.ln.{part}"]
        for layer in range(container.layers):
            for name, long in _LAYER.items():
                values = found[f"l{layer}.{name}.{part}"]
                if part == "w" and not name.endswith("ln"):
                    values = values.reshape(inner if name == "fi" else hidden, -1)
                tensors[f"encoder.layer.{layer}.{long}.{full}"] = values
    return {name: np.ascontiguousarray(value, np.float16) for name, value in tensors.items()}


def _tokenizer(pieces: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """A `tokenizers` description: NFKC, metaspace, unigram, `<s> $A </s>`."""
    special = [
        {"id": at, "content": name, "special": True, "normalized": False}
        | dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
        for at, name in enumerate(_SPECIAL)
    ]
    space = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}
    start = {"SpecialToken": {"id": "<s>", "type_id": 0}}
    end = {"SpecialToken": {"id": "</s>", "type_id": 0}}
    first = {"Sequence": {"id": "A", "type_id": 0}}
    second = {"Sequence": {"id": "B", "type_id": 0}}
    tokens = {
        name: {"id": name, "ids": [at], "tokens": [name]} for name, at in (("<s>", 0), ("</s>", 2))
    }
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                # the model's own normalisation is NFKC but for the full-width tilde, which it keeps
                {"type": "Replace", "pattern": {"String": "\uff5e"}, "content": "\ue000"},
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"String": "\ue000"}, "content": "\uff5e"},
                {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
                {"type": "Strip", "strip_left": True, "strip_right": True},
            ],
        },
        "pre_tokenizer": space | {"split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, first, end],
            "pair": [start, first, end, end, second, end],
            "special_tokens": tokens,
        },
        "decoder": space | {"split": True},
        "model": {
            "type": "Unigram",
            "unk_id": 3,
            "byte_fallback": False,
            "vocab": [[piece, score] for piece, score in pieces],
        },
    }
