"""`regex`: patterns with exclusions, limited in time; and the literal search shared with `phrase`."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import regex
from pydantic import Field, field_validator

from scoring.criteria.base import Part, RuleBase, Scope
from scoring.criteria.findings import Finding, Spot, cannot, first_spots, quote_of, say
from scoring.criteria.view import CallView

#: Longest time one pattern may take on one turn; a slower one makes the rule not evaluable.
TIME_LIMIT_S = 0.1
_MAX_HITS_PER_TURN = 20


class PatternTimeoutError(Exception):
    """A pattern needed more than its time on a turn."""


class Patterns(Part):
    """One regular expression per language; a missing language simply never hits."""

    zh: str = ""
    en: str = ""

    @field_validator("zh", "en")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            compiled(value)
        except regex.error as error:
            raise ValueError(f"not a valid regular expression: {error}") from error
        return value

    def of(self, language: str) -> str:
        """The pattern for a language."""
        return self.zh if language == "zh" else self.en

    def hits(self, text: str) -> bool:
        """Whether either language's pattern occurs in a text; may raise `PatternTimeoutError`."""
        return any(bool(p) and bool(search_all(p, text)) for p in (self.zh, self.en))


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> regex.Pattern[str]:
    """The pattern, ignoring case."""
    return regex.compile(pattern, regex.IGNORECASE)


def search_all(pattern: str, text: str) -> list[tuple[int, int]]:
    """Spans of all non-empty matches; raises `PatternTimeoutError` after `TIME_LIMIT_S`."""
    found: list[tuple[int, int]] = []
    try:
        for match in compiled(pattern).finditer(text, timeout=TIME_LIMIT_S):
            if match.end() > match.start():
                found.append(match.span())
            if len(found) >= _MAX_HITS_PER_TURN:
                break
    except TimeoutError as error:
        raise PatternTimeoutError(pattern) from error
    return found


def pattern_spots(
    patterns: Patterns,
    view: CallView,
    scope: Scope,
    *,
    unless: Patterns | None = None,
    rule: str = "regex",
) -> list[Spot]:
    """Matches of the patterns in the scope; a turn that matches `unless` is left out."""
    found: list[Spot] = []
    for pos in view.positions(Scope(side=scope.side)):
        text = view.turns[pos].text
        language = view.language_of(pos)
        for start, end in _spans(patterns, unless, text, language):
            found.append(view.place(pos, start, end, rule=rule, match="regex"))
    return view.within(found, scope)


def _spans(
    patterns: Patterns, unless: Patterns | None, text: str, language: str
) -> list[tuple[int, int]]:
    pattern = patterns.of(language)
    spans = search_all(pattern, text) if pattern else []
    other = patterns.of("en" if language == "zh" else "zh")
    if not spans and other and other != pattern:  # code-switching is normal (dossier §3.5)
        spans = search_all(other, text)
    if spans and unless is not None:
        return [] if unless.hits(text) else spans
    return spans


def literal_spots(
    text: str, view: CallView, scope: Scope, *, inside: str = "", rule: str = ""
) -> list[Spot]:
    """Places where a literal text is said, without regard to case; Latin words match whole."""
    body = regex.escape(text)
    bounded = rf"(?<![A-Za-z0-9]){body}(?![A-Za-z0-9])" if text.isascii() else body
    found = []
    for role in scope.side.roles:
        for pos, turn in enumerate(view.turns):
            if turn.role == role:
                found.extend(
                    view.place(pos, start, end, rule=rule or text, match="exact", confidence=0.95)
                    for start, end in search_all(bounded, turn.text)
                )
    return view.within(found, scope, inside=inside)


class RegexRule(RuleBase):
    """A regular expression per language, with an exclusion that clears the turn."""

    kind: Literal["regex"]
    pattern: Patterns
    unless: Patterns | None = None
    """A turn that also matches this does not count."""
    at_least: Annotated[int, Field(ge=1)] = 1
    name: str = "regex"
    """What the pattern looks for; shown as the rule of the evidence."""

    def check(self, view: CallView, scope: Scope) -> Finding:
        """Search the turns in the scope."""
        scope = self.scoped(scope)
        if not view.has_side(scope.side):
            return cannot(
                "没有可辨认的该方讲话", "nobody of this side is known to speak", rule=self.name
            )
        try:
            spots = pattern_spots(self.pattern, view, scope, unless=self.unless, rule=self.name)
        except PatternTimeoutError:
            return cannot(
                f"模式“{self.name}”超出时间限制",
                f"pattern {self.name!r} took too long",
                rule=self.name,
            )
        confidence = max((s.confidence for s in spots), default=0.0) or view.heard(scope)
        if spots:
            quote = quote_of(spots[0], view.turns)
            reason = say(f"“{quote}”符合“{self.name}”", f"“{quote}” matches {self.name!r}")
        else:
            reason = say(f"没有符合“{self.name}”的话", f"nothing matches {self.name!r}")
        return Finding(
            share=1.0 if len(spots) >= self.at_least else 0.0,
            reason=reason,
            rule=f"regex {self.name}",
            spots=first_spots(spots, 50),
            confidence=confidence,
            measured={"hits": float(len(spots)), "needed": float(self.at_least)},
        )
