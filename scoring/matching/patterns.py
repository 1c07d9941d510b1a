"""Patterns ready to run: frames and phrases compiled on first use, with their guards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import regex

from qa.errors import ScorecardError
from qa.text import HAN, normalise
from scoring.matching.anchors import Anchors, anchors, spoken_weight
from scoring.matching.compiling import Script, compile_frame
from scoring.matching.frames import Node, parse_frame
from scoring.matching.lexicon import Lexicon, Line, UserRegex
from scoring.matching.pinyin import SYLLABLE_CLASS, syllables
from scoring.matching.values import BankKind

# ASR rarely keeps 您/你 and 他/她/它 apart, so they count as one everywhere except where the
# difference is the point (dossier 3.4). One character for one keeps offsets.
FOLD_YOU = str.maketrans({"您": "你", "她": "他", "它": "他", "妳": "你"})
FOLD_THEM = str.maketrans({"她": "他", "它": "他", "妳": "你"})

_GUARD_REACH = {"zh": 26, "en": 80}  # characters either side that a guard may stand in
REGEX_TIMEOUT_S = 0.05
_MIN_WEIGHT = 3.5  # two words, or one of four syllables, must be heard
_MIN_SOUNDS = 4  # fewer syllables than this are homophones of something all the time
_PROBES = ("a" * 60 + "!", "1" * 60 + "x", "的" * 60 + "!", "a b " * 40 + "!", "您好" * 40 + "a")


class Guard:
    """A frame whose presence near a find cancels it."""

    __slots__ = ("_language", "_line", "_node", "_patterns")

    def __init__(self, line: Line, language: str, sets: Mapping[str, str]) -> None:
        self._line, self._language = line, language
        self._node = parse_frame(line.source, language=language, sets=sets, place=line.place)
        self._patterns: dict[bool, re.Pattern[str]] = {}

    def _pattern(self, *, by_sound: bool) -> re.Pattern[str]:
        found = self._patterns.get(by_sound)
        if found is None:
            script = _script({}, strict=False, by_sound=by_sound)
            found = compile_frame(self._node, language=self._language, script=script)
            self._patterns[by_sound] = found
        return found

    def cancels(self, text: str, start: int, end: int, *, by_sound: bool = False) -> bool:
        """True when the guard stands before, after or around `text[start:end]`, as it asks."""
        reach = _GUARD_REACH[self._language]
        low, high = max(0, start - reach), min(len(text), end + reach)
        if self._line.position != "post":
            low = max(low, *(text.rfind(mark, 0, start) + 1 for mark in ".?"))
        for match in self._pattern(by_sound=by_sound).finditer(text, low, high):
            if self._line.position == "pre" and match.end() > start:
                continue
            if self._line.position == "post" and match.end() <= end:
                continue
            return True
        return False


def _script(slots: Mapping[str, tuple[str, ...]], *, strict: bool, by_sound: bool) -> Script:
    if by_sound:
        return Script(
            spell=lambda text: syllables(text.translate(FOLD_YOU)),
            han=SYLLABLE_CLASS,
            strict=strict,
            slots=slots,
        )
    return Script(
        spell=lambda text: text.translate(FOLD_YOU), han=f"[{HAN}]", strict=strict, slots=slots
    )


class Pattern:
    """One phrase, frame or raw expression of one bank."""

    def __init__(
        self,
        *,
        bank: str,
        kind: BankKind,
        source: str,
        language: str,
        exact: bool,
        guards: tuple[Guard, ...],
        doubts: tuple[Guard, ...] = (),
        exact_you: bool = False,
    ) -> None:
        self.bank, self.kind, self.source, self.language = bank, kind, source, language
        self.exact, self.guards, self.doubts = exact, guards, doubts
        self.exact_you = exact_you

    @property
    def strict(self) -> bool:
        """Forbidden banks do not read across the end of a sentence."""
        return self.kind is BankKind.FORBIDDEN

    def anchors(self) -> Anchors:
        """Strings one of which any match contains; none = the pattern always runs."""
        raise NotImplementedError

    def sound_anchors(self) -> Anchors:
        """The same in syllables; none = the pattern is never looked for by sound."""
        return Anchors(frozenset(), 0)

    def spans(self, text: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where the pattern matches normalised text, guards not yet applied.

        Args:
            text: Normalised text.
            starts: Where a match can begin, ascending.
        """
        raise NotImplementedError

    def sound_spans(self, sounds: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where the pattern matches syllables."""
        del sounds, starts
        return iter(())

    def cancelled(self, text: str, start: int, end: int, *, by_sound: bool = False) -> bool:
        """True when a guard of the pattern stands near the span, or the span is quoted."""
        if self.strict and text[start - 1 : start] == '"' and '"' in text[end : end + 2]:
            return True
        return any(guard.cancels(text, start, end, by_sound=by_sound) for guard in self.guards)

    def doubted(self, text: str, start: int, end: int) -> bool:
        """True when polite words around the span make a deduction a matter for a person."""
        return any(guard.cancels(text, start, end) for guard in self.doubts)


class FramePattern(Pattern):
    """A phrase or frame; compiled when a text first needs it."""

    def __init__(self, node: Node, slots: Mapping[str, tuple[str, ...]], **common: Any) -> None:
        super().__init__(**common)
        self.node, self._slots = node, slots

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        script = _script(self._slots, strict=self.strict, by_sound=False)
        if self.exact_you:
            script = Script(
                spell=lambda text: text.translate(FOLD_THEM),
                han=script.han,
                strict=script.strict,
                slots=script.slots,
            )
        return compile_frame(self.node, language=self.language, script=script)

    @cached_property
    def _sound_regex(self) -> re.Pattern[str]:
        script = _script(self._slots, strict=self.strict, by_sound=True)
        return compile_frame(self.node, language=self.language, script=script)

    def anchors(self) -> Anchors:
        """See `Pattern`."""
        found = anchors(self.node, language=self.language)
        strings = frozenset(text.translate(FOLD_YOU) for text in found.strings)
        return Anchors(strings, found.before)

    def sound_anchors(self) -> Anchors:
        """See `Pattern`; only frames that pin down enough sound qualify."""
        nothing = Anchors(frozenset(), 0)
        if self.language != "zh" or self.exact_you or spoken_weight(self.node) < _MIN_WEIGHT:
            return nothing
        found = self.anchors()
        sounds = frozenset(syllables(text) for text in found.strings)
        return Anchors(sounds, found.before) if min(map(len, sounds), default=0) > 1 else nothing

    def spans(self, text: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
        """See `Pattern`."""
        return _matches(self._regex, text, starts)

    def sound_spans(self, sounds: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
        """See `Pattern`."""
        for start, end in _matches(self._sound_regex, sounds, starts):
            heard = sounds[start:end]
            if sum("\ue000" <= char <= "\uf8ff" for char in heard) >= _MIN_SOUNDS:
                yield start, end


def _matches(
    pattern: re.Pattern[str], text: str, starts: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Matches that begin at one of `starts`, without trailing breaks, none overlapping."""
    position = 0
    for start in starts:
        if start < position:
            continue
        match = pattern.match(text, start)
        if match is not None:
            end = start + len(match[0].rstrip(' ,.?"'))
            if end > start:
                yield start, end
                position = end


class RegexPattern(Pattern):
    """A raw expression of a site lexicon, refused when slow and time-limited when it runs."""

    def __init__(self, entry: UserRegex, **common: Any) -> None:
        super().__init__(**common)
        self._entry = entry
        try:
            self._regex = regex.compile(entry.pattern)
        except regex.error as error:
            raise ScorecardError(
                f"regex {entry.pattern!r}: {error}", str(entry.place), "correct the expression"
            ) from error
        try:
            for probe in _PROBES:
                self._regex.search(probe, timeout=REGEX_TIMEOUT_S)
        except TimeoutError as error:
            raise ScorecardError(
                f"regex {entry.pattern!r} takes too long on ordinary text",
                str(entry.place),
                "avoid nested repetition such as (a+)+",
            ) from error

    def anchors(self) -> Anchors:
        """See `Pattern`; as the lexicon states them."""
        return Anchors(frozenset(text.translate(FOLD_YOU) for text in self._entry.anchors), 0)

    def spans(self, text: str, starts: Sequence[int]) -> Iterator[tuple[int, int]]:
        """See `Pattern`; searches the whole text within the time limit."""
        del starts
        try:
            for match in self._regex.finditer(text, timeout=REGEX_TIMEOUT_S):
                if match.end() > match.start():
                    yield match.span()
        except TimeoutError:
            return


def build_patterns(lexicon: Lexicon, slots: Mapping[str, tuple[str, ...]]) -> list[Pattern]:
    """All patterns of a lexicon; `slots` gives the site's own values (`company`)."""
    guards = _build_guards(lexicon)
    built: list[Pattern] = []
    for name, rules in lexicon.rules.items():
        for language in ("zh", "en"):
            shared: dict[str, Any] = {
                "bank": name,
                "kind": rules.bank.kind,
                "language": language,
                "exact_you": rules.bank.exact_you,
                "doubts": tuple(
                    guard for name in rules.doubt for guard in guards[name].get(language, ())
                ),
            }
            sets = {key: by[language] for key, by in lexicon.sets.items() if language in by}

            def pick(names: tuple[str, ...], language: str = language) -> tuple[Guard, ...]:
                return tuple(g for name in names for g in guards[name].get(language, ()))

            for phrase in rules.bank.phrases.get(language, ()):
                strict = rules.bank.kind is BankKind.FORBIDDEN
                source = _phrase_frame(phrase, language, rules.short, strict=strict)
                node = parse_frame(source, language=language, sets={}, place=f"bank {name}")
                common = {**shared, "source": phrase, "exact": True}
                built.append(FramePattern(node, {}, guards=pick(rules.unless), **common))
            for line in rules.frames.get(language, ()):
                node = parse_frame(line.source, language=language, sets=sets, place=line.place)
                chosen = pick((*rules.unless, *line.guards))
                common = {**shared, "source": line.source, "exact": False}
                built.append(FramePattern(node, slots, guards=chosen, **common))
            for entry in rules.regexes.get(language, ()):
                common = {**shared, "source": entry.pattern, "exact": False}
                chosen = pick((*rules.unless, *entry.guards))
                built.append(RegexPattern(entry, guards=chosen, **common))
    return built


def _build_guards(lexicon: Lexicon) -> dict[str, dict[str, tuple[Guard, ...]]]:
    return {
        name: {
            language: tuple(
                Guard(
                    line,
                    language,
                    {key: by[language] for key, by in lexicon.sets.items() if language in by},
                )
                for line in lines
            )
            for language, lines in by_language.items()
        }
        for name, by_language in lexicon.guards.items()
    }


_SPECIAL = re.compile(r"[~{}()\[\]|^$!+?*]")
_HAN = re.compile(f"[{HAN}]")


_PLACES = {"start": ("^^", "$"), "turn": ("^^", "$$")}


def _phrase_frame(phrase: str, language: str, short: str, *, strict: bool) -> str:
    """A phrase as a frame; very short ones only count as a whole clause.

    Short forbidden phrases must also end their clause: `有没有搞错` is an insult,
    `有没有搞错过时间` a question.
    """
    plain = normalise(phrase).without_breaks().text
    source = _SPECIAL.sub(" ", plain)
    size = len(_HAN.findall(plain)) if language == "zh" else len(plain.split())
    tiny = 3 if language == "zh" or strict else 2
    if size <= tiny and short != "within":
        first, last = _PLACES.get(short, ("^", "$"))
        return f"{first} {source} {last}"
    ends_clause = strict and size <= (6 if language == "zh" else 4)
    return f"{source} $" if ends_clause else source
