"""All recognisers over one text, reduced to spans that do not overlap."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial

from qa.privacy.found import NUMBER, Found
from qa.privacy.recognisers import RECOGNISERS, Recogniser
from qa.privacy.view import QUESTION_END, View

THRESHOLD = 0.5
"""From this score on a span is personal data."""

#: Longer texts are read in stretches, so that no text, however made, costs more than its length.
_STRETCH, _OVERLAP = 3_000, 300


def detect(
    text: str,
    *,
    language: str = "",
    question: str = "",
    allowed: Collection[str] = (),
    threshold: float = THRESHOLD,
    also: Sequence[Recogniser] = (),
) -> list[Found]:
    """Personal data in `text`, in order, without overlaps.

    Args:
        text: One turn, or any text.
        language: A hint; both languages are always tried, for the tag may be wrong.
        question: What the other side asked just before: it tells what a bare number is.
        allowed: Names not reported, where the policy leaves agents' names readable.
        threshold: The least score.
        also: Further recognisers, such as `qa.privacy.presidio`.
    """
    if len(text) > _STRETCH:
        again = partial(detect, language=language, allowed=allowed, threshold=threshold, also=also)
        return _in_stretches(text, question, again)
    lead = len(question) + 1 if question else 0
    view = View(
        f"{question}{QUESTION_END}{text}" if question else text,
        language=language,
        allowed=frozenset(allowed),
    )
    every = (
        replace(found, start=max(found.start, lead) - lead, end=found.end - lead)
        for recognise in (*RECOGNISERS, *also)
        for found in recognise(view)
        if found.score >= threshold and found.end > lead
    )
    return [one for one in resolve(every) if any(map(str.isalnum, text[one.start : one.end]))]


def _in_stretches(text: str, question: str, again: Callable[..., list[Found]]) -> list[Found]:
    every: list[Found] = []
    for at in range(0, len(text), _STRETCH - _OVERLAP):
        part = text[at : at + _STRETCH]
        found = again(part, question="" if at else question)
        every += [replace(one, start=one.start + at, end=one.end + at) for one in found]
    return resolve(every)


def resolve(found: Iterable[Found]) -> list[Found]:
    """Disjoint spans that cover everything found: the surer names it, what sticks out stays."""
    chosen: list[Found] = []
    for candidate in sorted(found, key=_preference):
        pieces = [candidate]
        for taken in chosen:
            pieces = [rest for piece in pieces for rest in _without(piece, taken)]
        chosen += pieces
    return sorted(chosen, key=lambda one: one.start)


def _preference(found: Found) -> tuple[float, int, int, str]:
    length = found.end - found.start
    # Half a point for ten characters: the longer reading of the same digits is the better one.
    return (
        -(found.score + 0.02 * min(length, 20)) + (found.type == NUMBER),
        -length,
        found.start,
        found.type,
    )


def _without(piece: Found, taken: Found) -> list[Found]:
    if piece.end <= taken.start or piece.start >= taken.end:
        return [piece]
    sides = ((piece.start, taken.start), (taken.end, piece.end))
    return [replace(piece, start=start, end=end) for start, end in sides if start < end]
