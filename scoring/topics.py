"""Topics nobody listed: groups of like calls with readable labels and growth over time.

Customers' opening sentences are grouped by meaning (average-linkage clustering on cosine
distance); a group is named by the terms that are frequent in it and rare elsewhere (c-TF-IDF,
Grootendorst 2022), and shown with its most central quotes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from scoring.criteria.keyterms import key_terms
from scoring.encoder import Encoder, similarities

#: Clustering looks at all pairs; beyond this the rest is put to the nearest group found.
MOST_CLUSTERED = 3000
#: Distance at which groups stay apart, on vectors with the common direction removed.
DISTANCE = 0.62
SMALLEST_TOPIC = 3
_LABEL_TERMS = 3
_QUOTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicText:
    """One sentence a topic may be made of: the call it is from and the day of the call."""

    call_id: str
    text: str
    day: date | None = None


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


def discover_topics(
    texts: Sequence[TopicText], encoder: Encoder, *, smallest: int = SMALLEST_TOPIC
) -> tuple[Topic, ...]:
    """Topics by size. Sentences that belong to none are left out, not forced into one."""
    kept = [item for item in texts if key_terms(item.text)]
    if len(kept) < smallest:
        return ()
    vectors = _centred(encoder.encode([item.text for item in kept]))
    groups = [group for group in _grouped(vectors) if len(group) >= smallest]
    terms = [Counter(term for at in group for term in key_terms(kept[at].text)) for group in groups]
    topics = [
        _topic([kept[at] for at in group], vectors[group], _label(terms, place))
        for place, group in enumerate(groups)
    ]
    return tuple(sorted(topics, key=lambda topic: (-topic.size, topic.label)))


def _centred(vectors: np.ndarray) -> np.ndarray:
    """Unit vectors without what all share: this encoder's cosines all lie near 0.8."""
    centred = vectors - vectors.mean(axis=0, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(norms > 0, norms, 1))


def _grouped(vectors: np.ndarray) -> list[list[int]]:
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415 - slow to import

    head = vectors[:MOST_CLUSTERED]
    if len(head) < 2:
        return [list(range(len(vectors)))]
    distances = 1 - similarities(head, head)
    upper = distances[np.triu_indices(len(head), 1)]
    marks = fcluster(linkage(upper, "average"), DISTANCE, "distance")
    groups: dict[int, list[int]] = {}
    for at, mark in enumerate(marks):
        groups.setdefault(int(mark), []).append(at)
    centres = {mark: vectors[rows].mean(axis=0) for mark, rows in groups.items()}
    for at in range(len(head), len(vectors)):
        mark = max(centres, key=lambda name: float(vectors[at] @ centres[name]))
        if 1 - float(vectors[at] @ centres[mark]) <= DISTANCE:
            groups[mark].append(at)
    return list(groups.values())


def _label(terms: Sequence[Counter[str]], place: int) -> str:
    """Terms of the group weighed by how rare they are in the other groups (c-TF-IDF)."""
    total = Counter[str]()
    for counter in terms:
        total.update(counter)
    average = sum(total.values()) / max(1, len(terms))
    own = terms[place]
    size = max(1, sum(own.values()))
    weights = {
        term: count / size * math.log(1 + average / total[term]) for term, count in own.items()
    }
    ranked = sorted(weights, key=lambda term: (-weights[term], term))
    return " · ".join(_distinct(ranked)[:_LABEL_TERMS])


def _distinct(ranked: Sequence[str]) -> list[str]:
    """Chinese pairs that overlap (`宽带`, `带断`) are mostly one word: keep the first."""
    kept: list[str] = []
    for term in ranked:
        touching = any(
            term[0] == other[-1] or term[-1] == other[0]
            for other in kept
            if not term.isascii() and not other.isascii()
        )
        if not touching:
            kept.append(term)
    return kept


def _topic(items: Sequence[TopicText], vectors: np.ndarray, label: str) -> Topic:
    centre = vectors.mean(axis=0)
    order = np.argsort(-(vectors @ centre), kind="stable")
    quotes = list(dict.fromkeys(items[at].text for at in order))[:_QUOTES]
    weekly = Counter(_week(item.day) for item in items if item.day)
    return Topic(
        label=label or quotes[0][:20],
        size=len(items),
        call_ids=tuple(dict.fromkeys(item.call_id for item in items)),
        quotes=tuple(quotes),
        weekly=tuple(sorted(weekly.items())),
        growth=growth_of(weekly),
    )


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def growth_of(weekly: Counter[str]) -> float | None:
    """The last week over the mean of the weeks before it; None with fewer than two weeks."""
    weeks = sorted(weekly)
    if len(weeks) < 2:
        return None
    before = [weekly[week] for week in weeks[:-1]]
    return round(weekly[weeks[-1]] / (sum(before) / len(before)), 3)
