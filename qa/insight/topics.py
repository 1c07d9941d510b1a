"""Topics nobody listed: groups of like openings, as they are shown and kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A group of like sentences.

    Attributes:
        label: Its most telling terms.
        size: Sentences in it.
        quotes: The most central sentences, word for word.
        weekly: ISO week (`2026-W47`) → sentences.
        growth: Last full week over the mean of the weeks before; None with fewer than two.
    """

    label: str
    size: int
    call_ids: tuple[str, ...]
    quotes: tuple[str, ...]
    weekly: tuple[tuple[str, int], ...] = ()
    growth: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTopic:
    """A topic with its identity: a later discovery that holds mostly the same calls keeps it.

    Attributes:
        title: The name a person gave it, `""` for none; the label stays beside it.
    """

    id: int
    topic: Topic
    title: str = ""
