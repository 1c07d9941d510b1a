"""Searching turns with regular expressions, fast and bounded: all turns of a side at once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import regex
from pydantic import field_validator

from qa.calls import Role
from scoring.criteria.base import Part
from scoring.criteria.needles import needles
from scoring.criteria.placing import Joined, lowered
from scoring.criteria.view import CallView

#: Longest time a pattern that may run away gets per 20,000 characters. Patterns that cannot run
#: away (see `runs_straight`) have no clock, so that a busy machine never changes a result.
TIME_LIMIT_S = 1.0
_MANY = 200
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
Spans = list[tuple[int, int]]


class PatternTimeoutError(Exception):
    """A pattern needed more than its time."""


class _Straight:
    """A pattern the standard engine runs without danger, on lower-cased text."""

    def __init__(self, pattern: str) -> None:
        low = _lowered_pattern(pattern)
        self._compiled = re.compile(low, re.MULTILINE)
        self._needles = needles(low)

    def spans(self, text: str) -> Spans:
        text = lowered(text)
        if self._needles and not any(needle in text for needle in self._needles):
            return []
        return [m.span() for m in self._compiled.finditer(text) if m.end() > m.start()]

    def by_line(self, joined: Joined) -> list[tuple[int, Spans]]:
        """Matches inside each line that has any, counted from the line's beginning."""
        text, search, every = joined.lowered, self._compiled.search, self._compiled.finditer
        starts, ends = joined.starts, joined.ends
        found: list[tuple[int, Spans]] = []
        for line in self._lines(joined):
            start, end = starts[line], ends[line]
            if search(text, start, end):  # most lines have no match, and this says so sooner
                spans = [m.span() for m in every(text, start, end)]
                found.append((line, [(a - start, b - start) for a, b in spans if b > a]))
        return found

    def _lines(self, joined: Joined) -> Iterable[int]:
        """Lines in which the pattern can match."""
        if not self._needles:
            return range(len(joined.starts))
        text = joined.lowered
        present = [needle for needle in self._needles if needle in text]
        if not present:
            return ()
        found = set[int]()
        for needle in present:
            at = text.find(needle)
            while at >= 0:
                line = joined.line_of(at)
                found.add(line)
                at = text.find(needle, joined.ends[line])
        return sorted(found)


class _Clocked:
    """A pattern that might run away: searched with a time limit."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)

    def spans(self, text: str) -> Spans:
        return self._within(text, 0, len(text), self._deadline(text))

    def by_line(self, joined: Joined) -> Iterator[tuple[int, Spans]]:
        """As of `_Straight`; the limit is for all lines together."""
        deadline = self._deadline(joined.text)
        for line, (start, end) in enumerate(zip(joined.starts, joined.ends, strict=True)):
            found = self._within(joined.text, start, end, deadline)
            if found:
                yield line, [(a - start, b - start) for a, b in found]

    def _within(self, text: str, start: int, end: int, deadline: float) -> Spans:
        try:
            left = max(1e-3, deadline - time.monotonic())
            found = self._compiled.finditer(text, start, end, timeout=left)
            return [m.span() for m in found if m.end() > m.start()]
        except TimeoutError as error:
            raise PatternTimeoutError(self._pattern) from error

    @staticmethod
    def _deadline(text: str) -> float:
        return time.monotonic() + TIME_LIMIT_S * (1 + len(text) / 20_000)


@lru_cache(maxsize=4096)
def searcher(pattern: str) -> _Straight | _Clocked:
    """A pattern ready to search; `^` and `$` mean a turn's beginning and end, case is ignored.

    Raises:
        regex.error: When it is no regular expression.
    """
    if runs_straight(pattern):
        return _Straight(pattern)
    return _Clocked(pattern)


@lru_cache(maxsize=4096)
def runs_straight(pattern: str) -> bool:
    """Whether a pattern's cost is bounded by a small multiple of the text's length.

    True when every repetition is bounded, none is inside another, and nothing needs the `regex`
    package's syntax: write `{0,9}` instead of `*`.
    """
    if "(?P" in pattern or r"\p" in pattern:
        return False
    try:
        tree = _parser.parse(_lowered_pattern(pattern))
    except (re.error, OverflowError, RecursionError):
        return False
    return not _unbounded(tree)


def _unbounded(items: Iterable[Any]) -> int:
    """Unbounded or nested repetitions on the longest path."""
    total = 0
    for op, argument in items:
        if op in _REPEATS:
            _, high, body = argument
            endless = high is sre.MAXREPEAT or high > _MANY
            nested = high is sre.MAXREPEAT or high > 1
            total += _unbounded(body) + int(endless) + int(nested and _repeats(body))
        elif op is sre.BRANCH:
            total += max((_unbounded(branch) for branch in argument[1]), default=0)
        elif op is sre.SUBPATTERN:
            total += _unbounded(argument[-1])
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            total += _unbounded(argument[1])
        elif op in (sre.GROUPREF, sre.GROUPREF_EXISTS, sre.ATOMIC_GROUP):
            return 99
    return total


def _repeats(items: Iterable[Any]) -> bool:
    """Whether something inside is repeated more than once."""
    for op, argument in items:
        if op in _REPEATS and (argument[1] is sre.MAXREPEAT or argument[1] > 1):
            return True
        if op is sre.BRANCH and any(_repeats(branch) for branch in argument[1]):
            return True
        if op is sre.SUBPATTERN and _repeats(argument[-1]):
            return True
    return False


def _lowered_pattern(pattern: str) -> str:
    """The pattern in lower case, escapes untouched."""
    return re.sub(r"\\.|[^\\]", lambda m: m[0] if m[0][0] == "\\" else m[0].lower(), pattern)


def search_text(pattern: str, text: str) -> Spans:
    """Spans of all non-empty matches in one text."""
    if not pattern:
        return []
    return searcher(pattern).spans(text)


def spans_by_turn(
    pattern: str, view: CallView, role: Role, *, script: str = ""
) -> dict[int, Spans]:
    """Matches in one side's turns, by position; remembered for the call.

    Args:
        pattern: The regular expression; `""` matches nothing.
        view: The call.
        role: Whose turns.
        script: `zh` or `en`: only turns in which such a pattern can match.
    """
    if not pattern:
        return {}
    key = ("spans", pattern, role, script)
    known: dict[int, Spans] | None = view.memo.get(key)
    if known is not None:
        return known
    joined = view.joined(role, script)
    by_line = searcher(pattern).by_line(joined) if joined.positions else ()
    found = {joined.positions[line]: spans for line, spans in by_line if spans}
    view.memo[key] = found
    return found


class Patterns(Part):
    """One regular expression per language; a missing language simply never hits."""

    zh: str = ""
    en: str = ""

    @field_validator("zh", "en")
    @classmethod
    def _compiles(cls, value: str) -> str:
        if any(ord(char) < 32 for char in value):
            raise ValueError(
                "a control character in the pattern: YAML reads \\b in double quotes as backspace; "
                "use single quotes"
            )
        try:
            searcher(value)
        except regex.error as error:
            raise ValueError(f"not a valid regular expression: {error}") from error
        return value

    def of(self, language: str) -> str:
        """The pattern for a language."""
        return self.zh if language == "zh" else self.en

    def hits(self, text: str) -> bool:
        """Whether either pattern occurs in a text."""
        return bool(search_text(self.zh, text)) or bool(search_text(self.en, text))

    def turns_hit(self, view: CallView, role: Role) -> set[int]:
        """Positions of the side's turns in which either pattern occurs."""
        chinese = spans_by_turn(self.zh, view, role, script="zh")
        return {*chinese, *spans_by_turn(self.en, view, role, script="en")}
