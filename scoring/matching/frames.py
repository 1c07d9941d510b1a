"""Frames: the small language in which phrase patterns are written, and its compiler.

A frame is a sentence with holes, readable by people who do not read regular expressions:

    (a|b|c)    one of            [a|b]   one of, or nothing
    ~  ~9      a gap: at most 6 characters (zh) or 3 words (en), or the number given
    {name}     a slot or a set defined in the lexicon ({num}, {name}, {company} are built in)
    ^  $       start and end of a clause;  ^^  $$  start and end of the turn
    !<a  !>a   not right after a, not right before a
    word+      en only: the word with its regular inflections (process+ = process, processed …)

Gaps are bounded, so a compiled frame runs in linear time for practical texts. Every frame also
yields its *anchors*: strings one of which must occur in any text it matches, which is what lets
thousands of frames run over a call in milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qa.errors import ScorecardError
from qa.text import normalise

ZH_GAP, EN_GAP = 6, 3
_EXPANSION_LIMIT = 96
_LEXEME = re.compile(
    r"\s+|~\d*|\{\w+\}|![<>][^\s~{}()\[\]|^$!]+|\^\^|\$\$|[()\[\]|^$]|[^\s~{}()\[\]|^$!]+"
)


@dataclass(frozen=True, slots=True)
class Literal:
    """Characters (zh) or one word (en) that must be there as written."""

    text: str
    inflected: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """At most `size` characters (zh) or words (en) of anything inside the sentence."""

    size: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A built-in hole such as a number or a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Edge:
    """The start (`^`) or end (`$`) of a clause, or of the turn (`^^`, `$$`)."""

    mark: str


@dataclass(frozen=True, slots=True)
class Look:
    """Words that must not stand right before (`behind`) or right after."""

    text: str
    behind: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several; `optional` also allows none."""

    options: tuple[Node, ...]
    optional: bool = False


Node = Literal | Gap | Slot | Edge | Look | Parts | Choice


def parse_frame(source: str, *, language: str, sets: Mapping[str, str], place: object = "") -> Node:
    """Read a frame; `sets` maps a set name to the frame text it stands for.

    Raises:
        ScorecardError: Unbalanced brackets, an unknown set, or nothing but gaps.
    """
    return _Parser(source, language, sets, place).read()


class _Parser:
    def __init__(self, source: str, language: str, sets: Mapping[str, str], place: object) -> None:
        self.source, self.language, self.sets, self.place = source, language, sets, place
        self.tokens = _LEXEME.findall(source)
        if "".join(self.tokens) != source:
            raise self._error("a stray { or }")
        self.at = 0

    def read(self, depth: int = 0) -> Node:
        node = self._choice(closer="", depth=depth)
        if self.at < len(self.tokens):
            raise self._error(f"unexpected {self.tokens[self.at]!r}")
        return node

    def _error(self, what: str) -> ScorecardError:
        return ScorecardError(
            f"frame {self.source!r}: {what}",
            str(self.place),
            "balance the brackets, name known sets",
        )

    def _choice(self, *, closer: str, depth: int) -> Node:
        options = [self._sequence(depth)]
        while self.at < len(self.tokens) and self.tokens[self.at] == "|":
            self.at += 1
            options.append(self._sequence(depth))
        if closer:
            if self.at >= len(self.tokens) or self.tokens[self.at] != closer:
                raise self._error(f"{closer!r} is missing")
            self.at += 1
        if closer == "]":
            return Choice(tuple(options), optional=True)
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.at < len(self.tokens) and self.tokens[self.at] not in ("|", ")", "]"):
            token = self.tokens[self.at]
            self.at += 1
            parts.extend(self._part(token, depth))
        return parts[0] if len(parts) == 1 else Parts(tuple(parts))

    def _part(self, token: str, depth: int) -> list[Node]:
        if token.isspace():
            return []
        if token in ("(", "["):
            return [self._choice(closer=")" if token == "(" else "]", depth=depth)]
        if token[0] == "~":
            default = ZH_GAP if self.language == "zh" else EN_GAP
            return [Gap(int(token[1:]) if token[1:] else default)]
        if token in ("^", "$", "^^", "$$"):
            return [Edge(token)]
        if token[0] == "{":
            return [self._slot(token[1:-1], depth)]
        if token[0] == "!":
            return [Look(normalise(token[2:]).text, behind=token[1] == "<")]
        return self._literal(token)

    def _slot(self, name: str, depth: int) -> Node:
        if name in SLOTS:
            return Slot(name)
        if name not in self.sets:
            raise self._error(f"unknown set {name!r}")
        if depth > 8:
            raise self._error(f"set {name!r} refers to itself")
        inner = _Parser(self.sets[name], self.language, self.sets, self.place)
        return inner.read(depth + 1)

    def _literal(self, token: str) -> list[Node]:
        inflected = self.language == "en" and token.endswith("+")
        heard = normalise(token.rstrip("+") if inflected else token).without_breaks().text
        if not heard.strip() or token[-1] in "?*":
            raise self._error(f"{token!r} means nothing in a frame")
        if self.language == "zh":
            return [Literal(heard)]
        return [Literal(word, inflected) for word in heard.split()]


@dataclass(frozen=True, slots=True)
class Script:
    """How text is written where a frame is to be found: characters, words or syllables.

    Attributes:
        spell: How one Chinese literal is written in that text.
        han: Character class (regex) of one Chinese character in that text.
        strict: Forbidden banks: parts may be split by a pause but not by the end of a sentence.
    """

    spell: Callable[[str], str]
    han: str
    strict: bool
    slots: Mapping[str, tuple[str, ...]]


SLOTS = frozenset({"num", "name", "company", "code"})
_NUMERAL = "0-9零一二三四五六七八九十百千万两几半点"


def compile_frame(node: Node, *, language: str, script: Script) -> re.Pattern[str]:
    """The frame as a regular expression over normalised text (or its syllables)."""
    body = _zh(node, script) if language == "zh" else _en(node, script)
    return re.compile(body if language == "zh" else rf"(?<![a-z0-9]){body}")


_ZH_EDGES = {"^^": "^", "^": '(?:^|(?<=[,.?"]))', "$": '(?=[,.?"]|$)', "$$": '(?=[,.?"]*$)'}
# English separators are consumed with the word before them, so an edge may lie behind one.
_EN_EDGES = {
    "^^": "^",
    "^": '(?:^|(?<=[,.?"])|(?<=[,.?"] ))',
    "$": '(?:(?=[,.?"]|$)|(?<=[,.?"])|(?<=[,.?"] ))',
    "$$": '(?=[,.?"]*$)',
}


def _zh(node: Node, script: Script) -> str:
    pause = '[,"]?' if script.strict else '[,.?"]?'
    if isinstance(node, Literal):
        return pause.join(re.escape(char) for char in script.spell(node.text))
    if isinstance(node, Gap):
        return rf"[^.?]{{0,{node.size}}}?"
    if isinstance(node, Edge):
        return _ZH_EDGES[node.mark]
    if isinstance(node, Look):
        return f"(?{'<' if node.behind else ''}!{re.escape(script.spell(node.text))})"
    if isinstance(node, Slot):
        return _zh_slot(node.name, script)
    if isinstance(node, Choice):
        inner = "|".join(_zh(option, script) for option in node.options)
        return f"(?:{inner}){'?' if node.optional else ''}"
    return pause.join(part for part in (_zh(item, script) for item in node.parts) if part)


def _zh_slot(name: str, script: Script) -> str:
    if name == "num":
        numerals = "".join(script.spell(char) for char in _NUMERAL[3:])
        return rf"[0-9{re.escape(numerals)}][0-9.:{re.escape(numerals)}-]{{0,11}}"
    if name == "code":
        return r"[a-z]{0,4}[0-9][0-9a-z-]{2,}"
    if name == "name":
        return rf"(?:{script.han}{{1,4}}?|[a-z]+)"
    known = "|".join(re.escape(script.spell(text)) for text in script.slots.get("company", ()))
    generic = rf"(?:{script.han}|[a-z0-9]){{2,10}}?"
    return f"(?:{known}|{generic})" if known else generic


def _en(node: Node, script: Script) -> str:
    pause = '[,"]* ?' if script.strict else '[,.?"]* ?'
    if isinstance(node, Literal):
        return rf"{_inflections(node)}(?![a-z0-9]){pause}"
    if isinstance(node, Gap):
        return rf'(?>[^ ,.?"]+[,"]* ?){{0,{node.size}}}?'
    if isinstance(node, Edge):
        return _EN_EDGES[node.mark]
    if isinstance(node, Look):
        word = re.escape(node.text)
        return f"(?<!{word} )" if node.behind else f'(?![ ,"]*{word}(?![a-z0-9]))'
    if isinstance(node, Slot):
        return _en_slot(node.name, script) + pause
    if isinstance(node, Choice):
        inner = "|".join(_en(option, script) for option in node.options)
        return f"(?:{inner}){'?' if node.optional else ''}"
    return "".join(_en(item, script) for item in node.parts)


def _inflections(word: Literal) -> str:
    if not word.inflected:
        return re.escape(word.text)
    stem = word.text.removesuffix("e")
    if word.text.endswith("y"):
        return re.escape(word.text[:-1]) + "(?:y|ies|ied|ying)"
    return rf"{re.escape(stem)}(?:e?s?|ed|ing|{re.escape(stem[-1:])}(?:ed|ing))"


def _en_slot(name: str, script: Script) -> str:
    if name == "num":
        return r"(?:[$£€]?[0-9][0-9:.,-]*[%a-z]{0,2}|one|an?|half|few|couple|several)(?![a-z0-9])"
    if name == "code":
        return r"[a-z]{0,4}[0-9][0-9a-z-]{2,}"
    if name == "name":
        return r"[a-z][a-z-]+(?: [a-z][a-z-]+)?(?![a-z0-9])"
    known = "|".join(re.escape(text) for text in script.slots.get("company", ()))
    generic = r"[a-z0-9&-]+(?: [a-z0-9&-]+){0,3}?(?![a-z0-9])"
    return f"(?:{known}|{generic})" if known else generic


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
    return max(usable, key=_selectivity) if usable else None


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


def _selectivity(candidate: Anchors) -> tuple[float, int, int]:
    weight = min(
        sum(1.0 if char > "\u2e80" else 0.34 for char in text) for text in candidate.strings
    )
    return min(weight, 3.0), -candidate.before, -len(candidate.strings)


def _expand(node: Node, language: str) -> list[str] | None:
    """All strings of a small, finite frame; `None` when it has holes or too many."""
    if isinstance(node, Literal):
        return None if node.inflected and language == "en" else [node.text]
    if isinstance(node, Edge | Look):
        return [""]
    if isinstance(node, Choice):
        flat = [""] if node.optional else []
        for option in node.options:
            strings = _expand(option, language)
            if strings is None or len(flat) + len(strings) > _EXPANSION_LIMIT:
                return None
            flat += strings
        return flat
    if not isinstance(node, Parts):
        return None
    total: list[str] | None = [""]
    for part in node.parts:
        total = _joined(total, _expand(part, language), language)
        if total is None:
            return None
    return total


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
