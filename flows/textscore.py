"""Scoring transcripts that come as text: no audio, no torch, no store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qa import codec
from qa.errors import QaError
from qa.settings import SentimentSettings, load_settings
from scoring.analyse import Analysers, analyse_transcript
from scoring.engine import score
from scoring.imports import read_plain_calls
from scoring.loader import load_scorecard
from scoring.matching import load_matcher
from scoring.sentiment import create_sentiment

_STDIN = Path("/dev/stdin")


def score_file(path: Path, scorecard: str) -> Iterator[dict[str, Any]]:
    """One evaluation per transcript of a JSON or JSONL file, in order; bad ones as errors.

    Sentiment is judged with the lexicon, so that the result needs no model and is the same
    everywhere.
    """
    card = load_scorecard(scorecard)
    matcher = load_matcher(company_names=tuple(load_settings().roles.company_names))
    model, stamp = create_sentiment(SentimentSettings(engine="lexicon"))
    analysers = Analysers(matcher=matcher, sentiment=model, stamps=(stamp,))
    for item in read_plain_calls(given(path)):
        if isinstance(item, QaError):
            yield error_plain(item)
            continue
        analysis = analyse_transcript(item.call, item.transcript, analysers, facts=item.facts)
        yield codec.to_plain(score(analysis, card, matcher=matcher))


def given(path: Path) -> Path:
    """The file a person named; `-` is standard input."""
    return _STDIN if str(path) == "-" else path


def error_plain(error: QaError) -> dict[str, str]:
    """An error as the JSON that commands print."""
    return {"error": error.message, "place": error.place, "remedy": error.remedy}
