"""Strings one of which occurs in every text a regular expression matches.

Looking for plain strings is many times faster than trying an expression at every character, and
most expressions of a scorecard match nowhere in a call.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
#: Most strings an expression is looked for by.
_LIMIT = 96
_Strings = frozenset[str]
_EMPTY: _Strings = frozenset({""})


def needles(pattern: str) -> tuple[str, ...]:
    """The most telling strings of an expression without flags; none when it pins nothing down."""
    try:
        tree = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return ()
    found = sorted(_needed(tree) or (), key=len)
    return tuple(s for i, s in enumerate(found) if not any(t in s for t in found[:i]))


def _needed(items: Sequence[Any]) -> _Strings | None:
    """The best of the runs of parts that are spelled out, and of what single parts need."""
    candidates: list[_Strings | None] = []
    run = _EMPTY
    for item in items:
        spelled = _spelled(item)
        joined = _joined(run, spelled)
        if joined is None:
            candidates += [run, _inside(item)]
            joined = spelled or _EMPTY
        run = joined
    usable = [c for c in (*candidates, run) if c is not None and all(c)]
    return max(usable, key=_telling, default=None)


def _telling(strings: _Strings) -> tuple[int, int]:
    """Longer strings are rarer; fewer are sooner looked for."""
    return min(map(len, strings)), -len(strings)


def _joined(left: _Strings, right: _Strings | None) -> _Strings | None:
    if right is None or len(left) * len(right) > _LIMIT:
        return None
    return frozenset(a + b for a in left for b in right)


def _inside(item: Any) -> _Strings | None:
    """What a part that is not spelled out needs nevertheless."""
    op, argument = item
    if op is sre.SUBPATTERN:
        return _needed(argument[-1])
    if op in _REPEATS and argument[0] > 0:
        return _needed(argument[2])
    if op is sre.BRANCH:
        return _either(_needed(branch) for branch in argument[1])
    return None


def _either(options: Iterable[_Strings | None]) -> _Strings | None:
    found: set[str] = set()
    for option in options:
        if option is None or len(found) + len(option) > _LIMIT:
            return None
        found |= option
    return frozenset(found)


def _spelled(item: Any) -> _Strings | None:
    """All texts a part can match, when they are few; a place between characters matches none."""
    op, argument = item
    found: _Strings | None = None
    if op is sre.LITERAL:
        found = frozenset({chr(argument)})
    elif op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        found = _EMPTY
    elif op is sre.IN:
        found = _one_of(argument)
    elif op is sre.BRANCH:
        found = _either(_sequence(branch) for branch in argument[1])
    elif op is sre.SUBPATTERN:
        found = _sequence(argument[-1])
    elif op in _REPEATS and argument[0] <= argument[1] == 1:
        body = _sequence(argument[2])
        found = body if argument[0] or body is None else body | _EMPTY
    return found


def _one_of(choices: Iterable[Any]) -> _Strings | None:
    """The characters of a class; None for ranges, negations and categories."""
    if any(op is not sre.LITERAL for op, _ in choices):
        return None
    return frozenset(chr(code) for _, code in choices)


def _sequence(items: Iterable[Any]) -> _Strings | None:
    total: _Strings | None = _EMPTY
    for item in items:
        total = _joined(total, _spelled(item)) if total is not None else None
    return total
