"""Customer sentiment: a small protocol for models, and the course of a call.

Only customer turns are judged. Inferring the emotions of workers is prohibited in the EU (AI Act,
Article 5(1)(f)) and is not a behaviour one can coach, so agents' turns are never passed to a model.
Formulas follow the dossier §2.1: S, E, M and a Theil–Sen slope over turns.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from statistics import fmean, median
from typing import NamedTuple, Protocol

from qa.analysis import TurnSentiment
from qa.calls import Role
from qa.errors import ModelError, SettingsError
from qa.settings import SentimentSettings
from qa.transcript import EngineStamp, Transcript, Turn

_log = logging.getLogger(__name__)

#: Order of the three classes everywhere: probabilities, logits, confusion tables.
LABELS = ("positive", "neutral", "negative")
LEXICON_VERSION = "1"
#: Below this many judged customer turns, start and end are not told apart (dossier S11).
ENOUGH_TURNS = 6
_EDGE_SHARE = 0.2
_EDGE_MIN = 3

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z]")
_OTHER = re.compile(
    r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0600-\u06ff\u0590-\u05ff\u0e00-\u0e7f]"
)
_EMOJI = re.compile(r"[\u2600-\u27bf\U0001f300-\U0001faff]")


class SentimentScore(NamedTuple):
    """One text judged: label, P(positive) − P(negative), and the probability of each label."""

    label: str
    score: float
    probabilities: Mapping[str, float]


#: The answer where no honest one exists: no words, or a language the model does not know.
UNKNOWN = SentimentScore("unknown", 0.0, {})


class SentimentModel(Protocol):
    """Anything that judges texts. `languages` empty means any language."""

    @property
    def name(self) -> str:
        """Name for stamps and tables."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes the model was made for; empty for any."""
        ...

    def score(self, texts: Sequence[str], *, language: str) -> list[SentimentScore]:
        """One score per text, in order; `UNKNOWN` where the model cannot honestly answer."""
        ...


def from_probabilities(probabilities: Mapping[str, float]) -> SentimentScore:
    """The score of three probabilities that sum to 1."""
    label = max(LABELS, key=lambda name: probabilities[name])
    score = probabilities["positive"] - probabilities["negative"]
    return SentimentScore(label, max(-1.0, min(1.0, score)), dict(probabilities))


def scoring_language(text: str, language: str) -> str:
    """The language to judge `text` in: its script decides between zh and en, else `""`.

    A Mandarin call holds English sentences and the reverse. Kana, Hangul, Cyrillic, Arabic, Hebrew
    and Thai give `"other"`; a text of digits and punctuation gives `""`; Latin text of a call that
    is known to be in neither language keeps the call's own code.
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if len(_OTHER.findall(text)) > (han + latin) / 2:
        return "other"
    known = language.lower().partition("-")[0]
    if not han + latin:
        return (known or "en") if _EMOJI.search(text) else ""
    if han * 3 >= latin:
        return "zh" if known != "ja" else "ja"
    return "en" if known in {"zh", "en", ""} else known


def sentiment_of(transcript: Transcript, model: SentimentModel) -> tuple[TurnSentiment, ...]:
    """Sentiment of every customer turn the model can honestly judge; other turns are left out."""
    turns = [turn for turn in transcript.turns_of(Role.CUSTOMER) if turn.text.strip()]
    judged: dict[int, SentimentScore] = {}
    for language in sorted({turn.language or transcript.language for turn in turns}):
        group = [turn for turn in turns if (turn.language or transcript.language) == language]
        scores = model.score([turn.text for turn in group], language=language)
        judged |= {turn.index: score for turn, score in zip(group, scores, strict=True)}
    return tuple(
        _turn_sentiment(turn, judged[turn.index])
        for turn in turns
        if judged[turn.index].label != UNKNOWN.label
    )


def _turn_sentiment(turn: Turn, score: SentimentScore) -> TurnSentiment:
    return TurnSentiment(
        turn_index=turn.index,
        label=score.label,
        score=round(score.score, 4),
        probabilities={name: round(value, 4) for name, value in score.probabilities.items()},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentCourse:
    """How a customer's sentiment ran through one call (dossier §2.1).

    Attributes:
        turns: Judged customer turns. `start`, `end` and what follows from them are None under 6.
        mean: Mean over all judged turns.
        start: S, mean of the first 20 % of turns, at least 3.
        end: E, mean of the last 20 % of turns, at least 3.
        change: E − S.
        lowest: M, minimum of the 3-turn moving average.
        lowest_turn_index: The most negative turn inside that window: the moment to replay.
        recovery: E − M.
        slope: Theil–Sen slope per judged turn.
        quarters: Mean per quarter of the call; None where the customer said nothing.
    """

    turns: int
    mean: float | None = None
    start: float | None = None
    end: float | None = None
    change: float | None = None
    lowest: float | None = None
    lowest_turn_index: int | None = None
    lowest_ms: int | None = None
    recovery: float | None = None
    slope: float | None = None
    quarters: tuple[float | None, ...] = (None, None, None, None)


def course_of(transcript: Transcript, sentiment: Sequence[TurnSentiment] | None) -> SentimentCourse:
    """The course of a call from its judged turns; an empty course where none were judged."""
    values = [item.score for item in sentiment or ()]
    if not values:
        return SentimentCourse(turns=0)
    items = list(sentiment or ())
    lowest, place = _lowest(values)
    turn = transcript.turns[items[place].turn_index]
    start = end = None
    if len(values) >= ENOUGH_TURNS:
        edge = max(_EDGE_MIN, math.ceil(_EDGE_SHARE * len(values)))
        start, end = fmean(values[:edge]), fmean(values[-edge:])
    return SentimentCourse(
        turns=len(values),
        mean=round(fmean(values), 4),
        start=_rounded(start),
        end=_rounded(end),
        change=_rounded(end - start) if start is not None and end is not None else None,
        lowest=round(lowest, 4),
        lowest_turn_index=turn.index,
        lowest_ms=turn.start_ms if transcript.timed else None,
        recovery=_rounded(end - lowest) if end is not None else None,
        slope=_rounded(theil_sen(values)),
        quarters=_quarters(transcript, items),
    )


def theil_sen(values: Sequence[float]) -> float | None:
    """Median of the slopes between all pairs of points one apart in order (Sen, 1968)."""
    pairs = [
        (values[later] - values[earlier]) / (later - earlier)
        for earlier in range(len(values))
        for later in range(earlier + 1, len(values))
    ]
    return median(pairs) if pairs else None


def _lowest(values: Sequence[float]) -> tuple[float, int]:
    """Minimum of the 3-turn moving average and the most negative turn in that window."""
    width = min(3, len(values))
    means = [fmean(values[at : at + width]) for at in range(len(values) - width + 1)]
    at = min(range(len(means)), key=means.__getitem__)
    return means[at], min(range(at, at + width), key=values.__getitem__)


def _quarters(transcript: Transcript, items: Sequence[TurnSentiment]) -> tuple[float | None, ...]:
    turns = transcript.turns
    span = turns[-1].end_ms - turns[0].start_ms
    groups: list[list[float]] = [[], [], [], []]
    for item in items:
        if transcript.timed and span > 0:
            share = (turns[item.turn_index].start_ms - turns[0].start_ms) / span
        else:
            share = item.turn_index / max(1, len(turns))
        groups[max(0, min(3, int(share * 4)))].append(item.score)
    return tuple(_rounded(fmean(group)) if group else None for group in groups)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def create_sentiment(settings: SentimentSettings) -> tuple[SentimentModel | None, EngineStamp]:
    """The model these settings ask for, and its stamp.

    `auto` takes the head where torch and the encoder are present, else the lexicon; the stamp says
    which one it was. `off` gives no model, and calls then carry no sentiment.

    Raises:
        ModelError: `head` or `transformers` is asked for and its weights are missing or damaged.
        SettingsError: `transformers` without a model, or labels that do not name three classes.
    """
    engine = settings.engine
    if engine == "off":
        return None, EngineStamp(name="sentiment:off", version=LEXICON_VERSION)
    if engine == "transformers":
        return _transformers(settings)
    if engine in {"auto", "head"}:
        try:
            return _head(settings)
        except ModelError as error:
            if engine == "head":
                raise
            _log.warning("sentiment by lexicon, because %s", error)
    return _lexicon(settings)


def _lexicon(settings: SentimentSettings) -> tuple[SentimentModel, EngineStamp]:
    from scoring.sentiment_lexicon import LexiconSentiment  # noqa: PLC0415 - avoids a cycle

    return LexiconSentiment(), _stamp("lexicon", LEXICON_VERSION, settings)


def _head(settings: SentimentSettings) -> tuple[SentimentModel, EngineStamp]:
    from scoring.encoder import open_encoder  # noqa: PLC0415 - heavy only when it runs
    from scoring.sentiment_head import HeadSentiment, load_weights  # noqa: PLC0415

    for library in ("torch", "transformers"):
        if find_spec(library) is None:
            raise ModelError(
                f"the sentiment head needs {library}",
                "sentiment.engine",
                "install the `sentiment` extra, or set sentiment.engine = 'lexicon'",
            )
    encoder = open_encoder(settings.encoder)
    weights = load_weights(encoder.digest)
    stamp = _stamp("head", weights.version, settings, model=f"{settings.encoder} {encoder.digest}")
    return HeadSentiment(encoder, weights), stamp


def _transformers(settings: SentimentSettings) -> tuple[SentimentModel, EngineStamp]:
    from scoring.sentiment_transformers import (  # noqa: PLC0415 - heavy only when it runs
        TransformersSentiment,
        open_classifier,
    )

    if not settings.model:
        raise SettingsError(
            "no classifier is named", "sentiment.model", "give a folder or a hub name"
        )
    classifier = open_classifier(settings.model, settings.labels)
    stamp = _stamp("transformers", version("transformers"), settings, model=settings.model)
    return TransformersSentiment(classifier), stamp


def _stamp(name: str, made: str, settings: SentimentSettings, *, model: str = "") -> EngineStamp:
    return EngineStamp(
        name=f"sentiment:{name}", version=made, model=model, settings_digest=settings.digest()
    )
