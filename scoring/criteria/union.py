"""All kinds of rules as one type; a new kind is one module and one entry here."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scoring.criteria import (
    adjusted,
    base,
    combine,
    commitment,
    deductions,
    density,
    each,
    empathy,
    entity,
    hold,
    interruption,
    jargon,
    ladder,
    latency,
    manual,
    metric,
    monologue,
    near,
    paraphrase,
    parts,
    pattern,
    phrase,
    proportion,
    question,
    repetition,
    semantic,
    sentiment,
    sequence,
    silence,
    speaking,
    statement,
    tally,
    windows,
)

Rule = Annotated[
    phrase.Phrase
    | pattern.RegexRule
    | near.Near
    | semantic.Semantic
    | repetition.Repetition
    | question.Question
    | entity.Entity
    | statement.Statement
    | sequence.Sequence
    | sequence.Flow
    | silence.Silence
    | hold.Hold
    | hold.Event
    | latency.Latency
    | interruption.OverlapRule
    | interruption.NoInterruption
    | speaking.Rate
    | speaking.Loudness
    | speaking.TalkRatio
    | sentiment.Sentiment
    | sentiment.SentimentOutcome
    | sentiment.NegativeTurns
    | metric.Metric
    | metric.Fact
    | combine.All
    | combine.AnyOf
    | combine.Not
    | combine.AnchorRule
    | ladder.Ladder
    | parts.Parts
    | deductions.Deductions
    | tally.Tally
    | density.Density
    | each.Each
    | each.ItemLength
    | proportion.Proportion
    | monologue.Monologue
    | adjusted.Adjusted
    | paraphrase.Paraphrase
    | empathy.Empathy
    | commitment.Commitment
    | jargon.Jargon
    | manual.Manual,
    Field(discriminator="kind"),
]
"""One rule of a scorecard, told apart by `kind`."""


def _rebuild() -> None:
    """Resolve the mutual references; every model is built before it is first used."""
    names = {"Rule": Rule, "Window": windows.Window, "CallView": object}
    for model in (windows.Anchor, windows.Window):
        model.model_rebuild(_types_namespace=names, force=True)
    for module in _MODULES:
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, base.Part) and model is not base.Part:
                model.model_rebuild(_types_namespace={**vars(module), **names}, force=True)


_MODULES = (
    pattern, phrase, near, semantic, repetition, question, entity, statement, sequence, silence,
    hold, latency, interruption, speaking, sentiment, metric, combine, ladder, parts, deductions,
    tally, density, each, adjusted, paraphrase, empathy, commitment, jargon, manual,
    proportion, monologue,
)  # fmt: skip

_rebuild()
