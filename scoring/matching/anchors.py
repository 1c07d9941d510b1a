"""Anchors: what must occur in any text a frame matches, and how far from it a match may begin."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.matching.frames import Choice, Edge, Gap, Literal, Look, Node, Parts, Slot

_EXPANSION_LIMIT = 96


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where a frame has to be tried.

    Attributes:
        strings: One of them occurs (breaks ignored) in every text the frame matches; empty when
            the frame has no such strings.
        before: How far ahead of the anchor a match may begin: characters (zh) or words (en).
    """

    strings: frozenset[str]
    before: int


def anchors(node: Node, *, language: str) -> Anchors:
    """The most selective anchors of a frame."""
    return _best(node, language) or Anchors(frozenset(), 0)


def _best(node: Node, language: str) -> Anchors | None:
    whole = _expand(node, language)
    if whole and all(whole):
        return Anchors(frozenset(whole), 0)
    if isinstance(node, Literal):
        return Anchors(frozenset({node.text.rstrip("ey")}), 0)  # inflected: its stem
    if isinstance(node, Choice):
        parts = [_best(option, language) for option in node.options]
        found = [part for part in parts if part is not None]
        if node.optional or len(found) < len(parts):
            return None
        strings = frozenset().union(*(part.strings for part in found))
        return Anchors(strings, max(part.before for part in found))
    if not isinstance(node, Parts):
        return None
    usable = _runs(node.parts, language)
    ahead = 0
    for part in node.parts:
        inner = _best(part, language)
        if inner is not None:
            usable.append(Anchors(inner.strings, ahead + inner.before))
        ahead += _longest(part, language)
    return min(usable, key=_cost) if usable else None


def _runs(parts: tuple[Node, ...], language: str) -> list[Anchors]:
    """Adjacent parts read together: `(帮|给) 你 (查|看)` anchors on `帮你查` and its like."""
    expanded = [_expand(part, language) for part in parts]
    found: list[Anchors] = []
    ahead = 0
    for begin, part in enumerate(parts):
        strings = expanded[begin]
        for end in range(begin + 1, min(begin + 6, len(parts))):
            strings = _joined(strings, expanded[end], language)
            if strings is None:
                break
            if all(strings):
                found.append(Anchors(frozenset(strings), ahead))
        ahead += _longest(part, language)
    return found


_SLOT_LENGTH = {
    "zh": {"num": 12, "code": 16, "name": 8, "company": 16},
    "en": {"num": 2, "code": 1, "name": 2, "company": 6},
}


def _longest(node: Node, language: str) -> int:
    """The most characters (zh) or words (en) a node can match."""
    if isinstance(node, Literal):
        return len(node.text) if language == "zh" else 1
    if isinstance(node, Gap):
        return node.size
    if isinstance(node, Slot):
        return _SLOT_LENGTH[language][node.name]
    if isinstance(node, Choice):
        return max(_longest(option, language) for option in node.options)
    if isinstance(node, Parts):
        return sum(_longest(part, language) for part in node.parts)
    return 0


def _joined(left: list[str] | None, right: list[str] | None, language: str) -> list[str] | None:
    if left is None or right is None or len(left) * len(right) > _EXPANSION_LIMIT:
        return None
    joint = " " if language == "en" else ""
    return [f"{a}{joint if a and b else ''}{b}" for a in left for b in right]


_COMMON_WORDS = (
    "i you we it is are am do to the a and for can will that this my your me have not be of in on "
    "so if with what how would let us there get all no ok just"
)
_COMMON = frozenset(
    "你我是的好这那有要就都也在一个不了吗们先来去会能可以说什么没请问为给帮"
) | frozenset(_COMMON_WORDS.split())


def _cost(candidate: Anchors) -> float:
    """Roughly how often the frame would be tried in vain: the fewer and rarer strings the better.

    Common characters and words are taken to stand in every third turn, others in one of forty;
    each further place to try costs a little.
    """
    return sum(map(_frequency, candidate.strings)) * (1 + candidate.before / 2)


def _frequency(anchor: str) -> float:
    units = anchor.split() if anchor.isascii() else list(anchor)
    estimate = 1.0
    for unit in units:
        estimate *= 0.3 if unit in _COMMON else 0.025
    return max(estimate, 1e-6)


def _expand(node: Node, language: str) -> list[str] | None:
    """All strings of a small, finite frame; `None` when it has holes or too many."""
    match node:
        case Literal():
            return None if node.inflected and language == "en" else [node.text]
        case Edge() | Look():
            return [""]
        case Choice():
            return _expand_choice(node, language)
        case Parts():
            total: list[str] | None = [""]
            for part in node.parts:
                total = _joined(total, _expand(part, language), language)
            return total
        case _:
            return None


def _expand_choice(node: Choice, language: str) -> list[str] | None:
    flat = [""] if node.optional else []
    for option in node.options:
        strings = _expand(option, language)
        if strings is None or len(flat) + len(strings) > _EXPANSION_LIMIT:
            return None
        flat += strings
    return flat


def spoken_weight(node: Node) -> float:
    """How much sound the frame pins down at least: its distinctiveness among homophones.

    Words count their syllables; single syllables, which have dozens of homophones, hardly count;
    a number counts as one word.
    """
    if isinstance(node, Literal):
        return len(node.text) if len(node.text) > 1 else 0.4
    if isinstance(node, Slot):
        return 2.0 if node.name in ("num", "code") else 0.0
    if isinstance(node, Choice):
        return 0.0 if node.optional else min(spoken_weight(option) for option in node.options)
    if isinstance(node, Parts):
        return sum(spoken_weight(part) for part in node.parts)
    return 0.0
