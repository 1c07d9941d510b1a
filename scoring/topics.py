"""Topics nobody listed: groups of like calls with readable labels and growth over time.

Customers' opening sentences are grouped by meaning (average-linkage clustering on cosine
distance); a group is named by the terms that are frequent in it and rare elsewhere (c-TF-IDF,
Grootendorst 2022), and shown with its most central quotes.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from qa.insight.topics import Topic
from scoring.criteria.keyterms import key_terms
from scoring.encoder import Encoder, similarities
from scoring.encoder_space import centred

__all__ = ["Topic", "TopicText", "discover_topics", "growth_of", "week_of"]

#: Clustering looks at all pairs; beyond this the rest is put to the nearest group found.
MOST_CLUSTERED = 3000
#: Distance at which groups stay apart, on vectors with the common direction removed.
DISTANCE = 0.5
SMALLEST_TOPIC = 3
_LABEL_TERMS = 3
_LABEL_CHARS = 24
_LONGEST_WORD = 4
_SAME_WORD = 0.75
_HAN = re.compile(r"[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z'-]+|\d+")
_QUOTES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicText:
    """One sentence a topic may be made of: the call it is from and the day of the call."""

    call_id: str
    text: str
    day: date | None = None


def discover_topics(
    texts: Sequence[TopicText], encoder: Encoder, *, smallest: int = SMALLEST_TOPIC
) -> tuple[Topic, ...]:
    """Topics by size. Sentences that belong to none are left out, not forced into one."""
    kept = [item for item in texts if key_terms(item.text)]
    if len(kept) < smallest:
        return ()
    vectors = centred(encoder.encode([item.text for item in kept]), encoder)
    groups = [group for group in _grouped(vectors) if len(group) >= smallest]
    terms = [Counter(term for at in group for term in key_terms(kept[at].text)) for group in groups]
    topics = [
        _topic(
            [kept[at] for at in group],
            vectors[group],
            _label(terms, place, [kept[at].text for at in group]),
        )
        for place, group in enumerate(groups)
    ]
    return tuple(sorted(topics, key=lambda topic: (-topic.size, topic.label)))


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


def _label(terms: Sequence[Counter[str]], place: int, texts: Sequence[str]) -> str:
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
    named: list[str] = []
    for term in ranked:
        shown = _readable(term, texts)
        repeated = sum(shown in text.lower() for text in texts) > 1
        if shown and repeated and not any(shown in other or other in shown for other in named):
            named.append(shown)
        if len(named) == _LABEL_TERMS:
            break
    return " · ".join(named)


def _readable(term: str, texts: Sequence[str]) -> str:
    """The term as people say it: the whole Chinese word around a pair, the commonest English form.

    A pair of characters grows while most of the texts that hold it hold the longer string too.
    """
    if term.isascii():
        words = Counter(
            word
            for text in texts
            for word in _WORD.findall(text.lower())
            if term in key_terms(word)
        )
        plain = {word: count for word, count in words.items() if "'" not in word}
        return max(plain, key=lambda word: (plain[word], word), default="")
    held = sum(term in text for text in texts)
    while len(term) < _LONGEST_WORD:
        longer = Counter(
            text[start : start + len(term) + 1]
            for text in texts
            for found in [text.find(term)]
            if found >= 0
            for start in (found - 1, found)
            if 0 <= start < len(text) - len(term)
            and _HAN.fullmatch(text[start : start + len(term) + 1])
        )
        best = max(longer, key=lambda word: (longer[word], word), default="")
        if not best or longer[best] < max(2, _SAME_WORD * held):
            break
        term = best
    return term


def _topic(items: Sequence[TopicText], vectors: np.ndarray, label: str) -> Topic:
    centre = vectors.mean(axis=0)
    order = np.argsort(-(vectors @ centre), kind="stable")
    quotes = list(dict.fromkeys(items[at].text for at in order))[:_QUOTES]
    weekly = Counter(week_of(item.day) for item in items if item.day)
    return Topic(
        label=label or quotes[0][:_LABEL_CHARS] + ("…" if len(quotes[0]) > _LABEL_CHARS else ""),
        size=len(items),
        call_ids=tuple(dict.fromkeys(item.call_id for item in items)),
        quotes=tuple(quotes),
        weekly=tuple(sorted(weekly.items())),
        growth=growth_of(weekly),
    )


def week_of(day: date) -> str:
    """The ISO week of a day, `2026-W47`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def growth_of(weekly: Counter[str]) -> float | None:
    """The last week over the mean of the weeks before it; None with fewer than two weeks."""
    weeks = sorted(weekly)
    if len(weeks) < 2:
        return None
    before = [weekly[week] for week in weeks[:-1]]
    return round(weekly[weeks[-1]] / (sum(before) / len(before)), 3)
