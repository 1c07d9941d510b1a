"""Risk signals in customer turns: named searches with excuses, kept in `taxonomy/risk.yaml`.

They complement the phrase banks K1–K3: a bank counts how something is said for the scorecard,
a signal answers one question of the risk queue ("does she speak of a lawyer?") with a quote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from qa.calls import Role
from qa.errors import ScorecardError
from qa.evaluation import Bilingual, Evidence
from qa.transcript import Transcript, Turn

#: One character for one, so that offsets in the folded text are offsets in the shown text.
_FOLD = str.maketrans({"您": "你", "她": "他", "’": "'", "妳": "你"})
#: How far an excuse may stand from what it excuses.
_REACH = {"zh": 14, "en": 45}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One question with its searches per language (`zh`, `en`): what is found and what excuses."""

    name: str
    title: Bilingual
    find: Mapping[str, re.Pattern[str]]
    unless: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalHit:
    """One place where a signal stands."""

    signal: str
    evidence: Evidence


def find_signals(
    transcript: Transcript,
    *,
    signals: Mapping[str, Signal] | None = None,
    names: Sequence[str] | None = None,
    role: Role = Role.CUSTOMER,
) -> tuple[SignalHit, ...]:
    """Every place where the named signals (default: all) stand in one side's turns, in order."""
    known = default_signals() if signals is None else signals
    wanted = [known[name] for name in names or known]
    return tuple(
        hit
        for turn in transcript.turns_of(role)
        for signal in wanted
        for hit in _in_turn(turn, signal, (turn.language or transcript.language))
    )


def _in_turn(turn: Turn, signal: Signal, language: str) -> list[SignalHit]:
    language = language.partition("-")[0]
    pattern = signal.find.get(language)
    if pattern is None:
        return []
    text = turn.text.translate(_FOLD)
    excuse = signal.unless.get(language)
    return [
        SignalHit(signal=signal.name, evidence=_evidence(turn, signal.name, match))
        for match in pattern.finditer(text)
        if not (excuse and _excused(text, match, excuse, _REACH[language]))
    ]


def _excused(text: str, match: re.Match[str], excuse: re.Pattern[str], reach: int) -> bool:
    low, high = max(0, match.start() - reach), min(len(text), match.end() + reach)
    return any(
        found.start() <= match.end() and found.end() >= match.start()
        for found in excuse.finditer(text, low, high)
    )


def _evidence(turn: Turn, name: str, match: re.Match[str]) -> Evidence:
    return Evidence(
        turn_index=turn.index,
        start_ms=turn.start_ms,
        end_ms=turn.end_ms,
        quote=turn.text[match.start() : match.end()],
        rule=f"risk.{name}",
        match="regex",
        confidence=turn.confidence,
    )


@cache
def default_signals() -> Mapping[str, Signal]:
    """The shipped signals."""
    source = files("scoring").joinpath("taxonomy", "risk.yaml")
    return parse_signals(source.read_text("utf-8"), place="taxonomy/risk.yaml")


def load_signals(path: Path) -> Mapping[str, Signal]:
    """Signals of a site's own file.

    Raises:
        ScorecardError: The file cannot be read or a signal is not valid; names the signal.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"cannot be read: {error}", str(path), "give a UTF-8 file") from error
    return parse_signals(text, place=str(path))


def parse_signals(text: str, *, place: str) -> Mapping[str, Signal]:
    """Signals of a YAML text; every problem names its signal."""
    data = read_mapping(text, place=place)
    entries = data.get("signals")
    if not isinstance(entries, dict) or not entries:
        raise ScorecardError("no `signals`", place, "give at least one signal")
    return {str(name): _signal(str(name), entry, place) for name, entry in entries.items()}


def _signal(name: str, entry: Any, place: str) -> Signal:
    where = f"{place}: {name}"
    if not isinstance(entry, dict):
        raise ScorecardError("a signal is a mapping", where, "give title, zh and en")
    find, unless = {}, {}
    for language in ("zh", "en"):
        part = entry.get(language) or {}
        if "find" in part:
            find[language] = _pattern(part["find"], where)
        if "unless" in part:
            unless[language] = _pattern(part["unless"], where)
    if not find:
        raise ScorecardError("no `find` in zh or en", where, "say what to search for")
    return Signal(name=name, title=bilingual(entry.get("title"), where), find=find, unless=unless)


def _pattern(source: Any, where: str) -> re.Pattern[str]:
    try:
        return re.compile(str(source), re.IGNORECASE)
    except re.error as error:
        raise ScorecardError(f"not an expression: {error}", where, "correct it") from error


def bilingual(value: Any, where: str) -> Bilingual:
    """A `{zh, en}` mapping as a value.

    Raises:
        ScorecardError: A language is missing.
    """
    if not isinstance(value, dict) or not all(value.get(name) for name in ("zh", "en")):
        raise ScorecardError("a title needs zh and en", where, "title: {zh: …, en: …}")
    return Bilingual(zh=str(value["zh"]), en=str(value["en"]))


def read_mapping(text: str, *, place: str) -> dict[str, Any]:
    """A YAML text whose top is a mapping.

    Raises:
        ScorecardError: Not YAML, or something else at the top.
    """
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise ScorecardError(f"not valid YAML: {error}", place, "correct the file") from error
    if not isinstance(data, dict):
        raise ScorecardError("the top of the file is a mapping", place, "see the shipped file")
    return data
