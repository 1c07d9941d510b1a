"""What `auto` means on this machine, decided once at the rim, so that digests say what ran."""

from __future__ import annotations

from qa.errors import ModelError
from qa.settings import SentimentSettings, Settings


def settled(settings: Settings) -> Settings:
    """Settings without `auto` where a choice changes results.

    `sentiment.engine = "auto"` becomes `head` where encoder, torch and weights are here, else
    `lexicon`: a pack that is pulled later gives another digest, and calls are analysed again.
    """
    return settings.model_copy(update={"sentiment": _settled_sentiment(settings.sentiment)})


def _settled_sentiment(sentiment: SentimentSettings) -> SentimentSettings:
    if sentiment.engine != "auto":
        return sentiment
    engine = "head" if _head_is_here(sentiment.encoder) else "lexicon"
    return sentiment.model_copy(update={"engine": engine})


def _head_is_here(name: str) -> bool:
    from scoring.encoder_lazy import find_encoder  # noqa: PLC0415
    from scoring.sentiment_head import load_weights  # noqa: PLC0415

    encoder = find_encoder(name)
    if encoder is None:
        return False
    try:
        load_weights(encoder.digest)
    except ModelError:
        return False
    return True
