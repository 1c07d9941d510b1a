"""An encoder that is known at once and loaded when first asked: scoring rarely needs its meaning.

Its digest is read from the pack without torch, so that stages can say what they would produce, and
a replay that never compares meanings never loads a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec

import numpy as np

from qa.errors import ModelError
from scoring.encoder import encoder_digest, open_encoder

_LIBRARIES = ("torch", "transformers")


class LazyEncoder:
    """A sentence encoder by name; see `find_encoder`."""

    def __init__(self, name: str, digest: str) -> None:
        self.name = name
        self._digest = digest

    @property
    def digest(self) -> str:
        """Identity of weights and settings, equal to that of `open_encoder(name)`."""
        return self._digest

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32 `(len(texts), dimension)`; loads the network the first time.

        Raises:
            ModelError: The weights are damaged.
        """
        return open_encoder(self.name).encode(texts)


@lru_cache(maxsize=8)
def find_encoder(name: str) -> LazyEncoder | None:
    """The encoder of that name where its weights and torch are on this machine, else None."""
    if not name or any(find_spec(library) is None for library in _LIBRARIES):
        return None
    try:
        return LazyEncoder(name, encoder_digest(name))
    except ModelError:
        return None
