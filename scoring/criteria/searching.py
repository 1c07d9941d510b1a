"""Searching turns with regular expressions, fast and bounded: all turns of a side at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import regex
from pydantic import field_validator

from qa.calls import Role
from scoring.criteria.base import Part
from scoring.criteria.placing import lowered
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
        self._compiled = re.compile(_lowered_pattern(pattern), re.MULTILINE)

    def spans(self, text: str) -> Spans:
        return [m.span() for m in self._compiled.finditer(text) if m.end() > m.start()]


class _Clocked:
    """A pattern that might run away: searched with a time limit."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._compiled = regex.compile(pattern, regex.IGNORECASE | regex.MULTILINE)

    def spans(self, text: str) -> Spans:
        limit = TIME_LIMIT_S * (1 + len(text) / 20_000)
        try:
            found = self._compiled.finditer(text, timeout=limit)
            return [m.span() for m in found if m.end() > m.start()]
        except TimeoutError as error:
            raise PatternTimeoutError(self._pattern) from error


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
    found = searcher(pattern)
    return found.spans(lowered(text) if isinstance(found, _Straight) else text)


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
    found = _search_joined(pattern, view, role, script)
    view.memo[key] = found
    return found


def _search_joined(pattern: str, view: CallView, role: Role, script: str) -> dict[int, Spans]:
    joined = view.joined(role, script)
    if not joined.positions:
        return {}
    found: dict[int, Spans] = {}
    crossed: set[int] = set()
    engine = searcher(pattern)
    text = joined.lowered if isinstance(engine, _Straight) else joined.text
    for start, end in engine.spans(text):
        first = joined.line_of(start)
        if end > joined.ends[first]:
            crossed.update(range(first, joined.line_of(end - 1) + 1))
            continue
        offset = joined.starts[first]
        found.setdefault(joined.positions[first], []).append((start - offset, end - offset))
    for line in crossed:  # a match may not run from one turn into the next
        pos = joined.positions[line]
        again = search_text(pattern, view.turns[pos].text)
        found.pop(pos, None)
        if again:
            found[pos] = again
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
