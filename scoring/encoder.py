"""Sentences to unit vectors: one encoder per process, long batches sorted by length, cached.

The pack `e5-small` is assembled on first use (`encoder_pack`); any other encoder is a folder or a
hub name the site has cached, loaded by `transformers` without code of its own.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from qa import codec, modelpacks, runtime
from qa.errors import ModelError
from scoring import encoder_pack

Precision = Literal["auto", "float32", "int8"]
#: Longest input of the encoders this is made for; longer texts are read in windows.
WINDOW_TOKENS = 512
#: Padded tokens in one forward pass: the best of those measured on 2 cores.
BATCH_TOKENS = 2048
CACHE_VECTORS = 20_000


class Encoder(Protocol):
    """What the semantic parts need of an encoder."""

    @property
    def digest(self) -> str:
        """Identity of weights and settings: vectors of equal digests can be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 `(len(texts), dimension)`; an empty text gives zeros."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """A tokenizer and a network, with how texts are given to them."""

    tokenizer: Any
    network: Any
    device: str
    prefix: str
    pooling: str
    dimension: int
    window: int


class SentenceEncoder:
    """A loaded encoder. Safe to share between threads; equal texts are encoded once.

    Args:
        loaded: The network from `open_encoder`.
        digest: Identity of the weights and how they are run.
        cached: Most vectors kept; the one used longest ago goes first.
    """

    def __init__(self, loaded: _Loaded, *, digest: str, cached: int = CACHE_VECTORS) -> None:
        self._loaded = loaded
        self._digest = digest
        self._limit = cached
        self._cache: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def digest(self) -> str:
        """Identity of weights and settings."""
        return self._digest

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._loaded.dimension

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors of the texts, float32 `(len(texts), dimension)`, in order.

        Texts longer than the encoder's window are read in windows and averaged by tokens. A text
        without a word gives a row of zeros, which is similar to nothing.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        keys = [blake2b(text.encode("utf-8"), digest_size=16).digest() for text in texts]
        with self._lock:
            missing = {
                key: text
                for key, text in zip(keys, texts, strict=True)
                if key not in self._cache and text.strip()
            }
            fresh = dict(zip(missing, self._forward(list(missing.values())), strict=True))
            for row, key in enumerate(keys):
                found = fresh.get(key, self._cache.get(key))
                if found is not None:
                    vectors[row] = found
            self._remember(fresh, keys)
        return vectors

    def _remember(self, fresh: dict[bytes, np.ndarray], used: Sequence[bytes]) -> None:
        self._cache.update(fresh)
        for key in used:
            if key in self._cache:
                self._cache.move_to_end(key)
        while len(self._cache) > self._limit:
            self._cache.popitem(last=False)

    def _forward(self, texts: list[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        loaded = self._loaded
        windows = loaded.tokenizer(
            [loaded.prefix + text for text in texts],
            truncation=True,
            max_length=loaded.window,
            return_overflowing_tokens=True,
            return_attention_mask=False,
            return_token_type_ids=False,
        )
        ids = windows["input_ids"]
        owners = windows["overflow_to_sample_mapping"]
        sums = np.zeros((len(texts), self.dimension), np.float64)
        for batch in _batches([len(row) for row in ids]):
            pooled = _pool(loaded, [ids[at] for at in batch])
            for at, vector in zip(batch, pooled, strict=True):
                sums[owners[at]] += vector
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return (sums / np.where(norms > 0, norms, 1)).astype(np.float32)


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Rows of like length together, at most `BATCH_TOKENS` padded tokens in a batch."""
    order = sorted(range(len(lengths)), key=lambda at: -lengths[at])
    batches, place = [], 0
    while place < len(order):
        count = max(1, BATCH_TOKENS // lengths[order[place]])
        batches.append(order[place : place + count])
        place += count
    return batches


def _pool(loaded: _Loaded, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """Sum (mean pooling, so that windows weigh by tokens) or first vector of each row."""
    import torch  # noqa: PLC0415 - heavy: only where a model runs

    longest = max(len(row) for row in rows)
    pad = loaded.tokenizer.pad_token_id or 0
    ids = torch.full((len(rows), longest), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for at, row in enumerate(rows):
        ids[at, : len(row)] = torch.as_tensor(row)
        mask[at, : len(row)] = 1
    ids, mask = ids.to(loaded.device), mask.to(loaded.device)
    with torch.inference_mode():
        padded = None if bool(mask.all()) else mask  # without a mask attention is faster
        states = loaded.network(input_ids=ids, attention_mask=padded).last_hidden_state
        if loaded.pooling == "cls":
            pooled = states[:, 0]
        else:
            pooled = (states * mask.unsqueeze(-1)).sum(dim=1)
        return np.asarray(pooled.float().cpu().numpy())


def similarities(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Cosine of every row of `left` `(n, d)` with every row of `right` `(m, d)`: `(n, m)`."""
    return np.clip(left @ right.T, -1.0, 1.0)


#: Two threads that ask for the first time must not load the same network twice.
_LOADING = threading.RLock()


def open_encoder(
    name: str = "e5-small", *, device: str = "auto", precision: Precision = "auto"
) -> SentenceEncoder:
    """The encoder of that name, loaded once per process; arguments and errors as `_open`."""
    with _LOADING:
        return _open(name, device=device, precision=precision)


@lru_cache(maxsize=4)
def _open(
    name: str = "e5-small", *, device: str = "auto", precision: Precision = "auto"
) -> SentenceEncoder:
    """The encoder of that name, loaded once per process.

    Args:
        name: A model pack (`e5-small`), a folder, or a hub name the site has cached.
        device: `cpu`, `cuda`, or `auto` for a GPU where there is one.
        precision: Of the matrix products on a CPU. `auto` is what was measured fastest without
            loss (see `tests/benchmarks/encoder.py`).

    Raises:
        ModelError: The pack is missing, the folder is broken, or torch is not installed.
    """
    folder, identity, prefix = _resolve(name)
    try:
        loaded = _load(folder, device=device, precision=precision, prefix=prefix)
    except ImportError as error:
        raise ModelError(
            f"the encoder needs {error.name}", name, "install the `sentiment` extra"
        ) from error
    except Exception as error:  # a broken folder fails in a dozen library-specific ways
        raise ModelError(
            f"the encoder cannot be loaded ({type(error).__name__}: {error})",
            str(folder),
            "check the folder's config, tokenizer and weights, or pull the pack again",
        ) from error
    digest = _digest(identity, prefix, loaded.pooling, precision)
    return SentenceEncoder(loaded, digest=digest)


def encoder_digest(name: str = "e5-small", *, precision: Precision = "auto") -> str:
    """The digest of `open_encoder(name)`, found without loading torch.

    Raises:
        ModelError: The pack is missing, or the folder is not a model.
    """
    folder, identity, prefix = _resolve(name)
    return _digest(identity, prefix, _pooling(Path(folder)), precision)


def _digest(identity: str, prefix: str, pooling: str, precision: Precision) -> str:
    return codec.digest([identity, prefix, pooling, "int8" if precision == "int8" else ""])


def encoder_folder(name: str) -> Path:
    """The folder `transformers` would load for `name`; a pack is assembled on the way.

    Raises:
        ModelError: No such pack or folder, or it is not complete.
    """
    return Path(_resolve(name)[0])


def _resolve(name: str) -> tuple[str, str, str]:
    """Where the weights are, their identity, and the prefix their training expects."""
    if name in modelpacks.PACKS:
        folder = encoder_pack.assemble(modelpacks.locate(name))
        identity = f"{modelpacks.find_pack(name).digest()}/{encoder_pack.ASSEMBLY_VERSION}"
        return str(folder), identity, "query: "
    prefix = "query: " if "e5" in Path(name).name.lower() else ""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelError("no config.json here", str(folder), "name a transformers model folder")
        sizes = sorted((item.name, item.stat().st_size) for item in folder.iterdir())
        return (
            str(folder),
            codec.digest([(folder / "config.json").read_text("utf-8"), sizes]),
            prefix,
        )
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return name, name, prefix
    raise ModelError(
        "no such encoder", name, f"one of the packs ({', '.join(modelpacks.PACKS)}) or a folder"
    )


def _load(folder: str, *, device: str, precision: Precision, prefix: str) -> _Loaded:
    runtime.guard_torchaudio()
    import torch  # noqa: PLC0415 - heavy: only where a model runs
    import transformers  # noqa: PLC0415

    logging: Any = transformers.logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    where = _device(torch, device)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    if not tokenizer.is_fast:
        raise ValueError("the folder has no fast tokenizer (tokenizer.json)")
    config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    extra = {"add_pooling_layer": False} if config.model_type in _POOLED_TYPES else {}
    dtype = torch.float32 if where == "cpu" else torch.float16
    network = transformers.AutoModel.from_pretrained(
        folder, local_files_only=True, dtype=dtype, use_safetensors=True, **extra
    )
    network = network.eval().to(where)
    if where == "cpu" and precision == "int8":
        network = _quantised(torch, network)
    return _Loaded(
        tokenizer=tokenizer,
        network=network,
        device=where,
        prefix=prefix,
        pooling=_pooling(Path(folder)),
        dimension=int(config.hidden_size),
        window=min(WINDOW_TOKENS, int(getattr(config, "max_position_embeddings", WINDOW_TOKENS))),
    )


#: Families whose class head `pooler` is of no use here and mostly absent from encoder weights.
_POOLED_TYPES = frozenset({"bert", "roberta", "xlm-roberta", "camembert"})


def _device(torch: Any, device: str) -> str:
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ValueError("no GPU is visible to torch")
    return device


def _quantised(torch: Any, network: Any) -> Any:
    """Weights of the linear layers as int8, activations quantised per batch."""
    return torch.ao.quantization.quantize_dynamic(network, {torch.nn.Linear}, dtype=torch.qint8)


def _pooling(folder: Path) -> str:
    """`cls` where a sentence-transformers folder says so, else `mean`."""
    try:
        told = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return "mean"
    return "cls" if isinstance(told, dict) and told.get("pooling_mode_cls_token") else "mean"
