"""Frames: the small language in which phrase patterns are written.

A frame is a sentence with holes, readable by people who do not read regular expressions:

    (a|b|c)    one of            [a|b]   one of, or nothing
    ~  ~9      a gap: at most 6 characters (zh) or 3 words (en), or the number given
    {name}     a slot or a set defined in the lexicon ({num}, {name}, {company} are built in)
    ^  $       start and end of a clause;  ^^  $$  start and end of the turn
    !<a  !>a   not right after a, not right before a
    word+      en only: the word with its regular inflections (process+ = process, processed …)

`compiling` turns a frame into a regular expression; `anchors` finds the strings any match must
contain, which is what lets thousands of frames run over a call in milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qa.errors import ScorecardError
from qa.text import normalise

ZH_GAP, EN_GAP = 6, 3
SLOTS = frozenset({"num", "name", "company", "code"})
EDGES = frozenset({"^", "$", "^^", "$$"})
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

    def _part(self, lexeme: str, depth: int) -> list[Node]:
        if lexeme.isspace():
            return []
        if lexeme in ("(", "["):
            part: Node = self._choice(closer=")" if lexeme == "(" else "]", depth=depth)
        elif lexeme[0] == "~":
            default = ZH_GAP if self.language == "zh" else EN_GAP
            part = Gap(int(lexeme[1:]) if lexeme[1:] else default)
        elif lexeme in EDGES:
            part = Edge(lexeme)
        elif lexeme[0] == "{":
            part = self._slot(lexeme[1:-1], depth)
        elif lexeme[0] == "!":
            part = Look(normalise(lexeme[2:]).text, behind=lexeme[1] == "<")
        else:
            return self._literal(lexeme)
        return [part]

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
