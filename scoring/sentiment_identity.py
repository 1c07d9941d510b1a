"""What a sentiment setting comes to on this machine, without loading it: part of stage digests.

`auto` is the head where its encoder is present and the lexicon elsewhere: a store that was filled
with one must not look finished to the other.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from qa.errors import ModelError
from qa.settings import SentimentSettings
from scoring.encoder_lazy import find_encoder
from scoring.sentiment import LEXICON_VERSION


def sentiment_identity(settings: SentimentSettings) -> str:
    """Name and version of the model that `create_sentiment` gives for these settings here."""
    if settings.engine == "transformers":
        return f"transformers {_installed('transformers')}"
    if settings.engine in {"auto", "head"}:
        found = _head(settings.encoder)
        return found or (f"lexicon {LEXICON_VERSION}" if settings.engine == "auto" else "head")
    return f"{settings.engine} {LEXICON_VERSION}"


@lru_cache(maxsize=8)
def _head(name: str) -> str:
    from scoring.sentiment_head import load_weights  # noqa: PLC0415 - as `create_sentiment` does

    encoder = find_encoder(name)
    if encoder is None:
        return ""
    try:
        return f"head {load_weights(encoder.digest).version} {encoder.digest}"
    except ModelError:
        return ""


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
