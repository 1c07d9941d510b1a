"""Lexicons are data: phrase banks, frames, guards and word lists in strict YAML files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from qa.calls import Role
from qa.codec import digest
from qa.errors import ScorecardError
from scoring.matching.values import Bank, BankKind

LANGUAGES = ("zh", "en")
_TOP = {"version", "banks", "guards", "sets", "words"}
_BANK = {"title", "kind", "side", "short", "exact_you", "phrases", "frames", "unless", "doubt",
         "regexes", "hard_negatives"}  # fmt: skip
_REGEX = {"pattern", "anchors", "unless"}
_SHORT = ("within", "clause", "start", "turn")
GUARD_POSITIONS = ("pre", "post", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One frame as written, with the guards that cancel it and its place for error messages."""

    source: str
    guards: tuple[str, ...] = ()
    position: str = "any"
    place: object = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRegex:
    """A raw regular expression of a site lexicon (run with a time limit)."""

    pattern: str
    anchors: tuple[str, ...]
    guards: tuple[str, ...]
    place: object


@dataclass(frozen=True, slots=True, kw_only=True)
class BankRules:
    """A bank and how it is to be found.

    Attributes:
        short: Where a very short phrase counts: anywhere, as a whole clause, as the first clause,
            as the whole turn.
        unless: Guards of every pattern of the bank.
        doubt: Guards that turn a deduction into a candidate.
        frames: Frame lines by language.
        regexes: Raw expressions by language.
    """

    bank: Bank
    short: str
    unless: tuple[str, ...]
    doubt: tuple[str, ...]
    frames: Mapping[str, tuple[Line, ...]]
    regexes: Mapping[str, tuple[UserRegex, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All lexicon files together; `digest` changes whenever any of their content does."""

    rules: Mapping[str, BankRules]
    guards: Mapping[str, Mapping[str, tuple[Line, ...]]]
    sets: Mapping[str, Mapping[str, str]]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    digest: str


def load_lexicon(paths: Sequence[Path]) -> Lexicon:
    """Read lexicon files in order; later files add banks or extend the lists of earlier ones.

    Raises:
        ScorecardError: A file is missing, is not YAML, or has an unknown key or a wrong type;
            the error names file, line and field.
    """
    merged: dict[str, Any] = {"banks": {}, "guards": {}, "sets": {}, "words": {}}
    places = _Places()
    for path in paths:
        data = _read(path)
        for section in ("banks", "guards", "sets", "words"):
            for name, entry in (data.get(section) or {}).items():
                places.remember(path, section, name)
                merged[section][name] = _extend(merged[section].get(name), entry)
    rules = {name: _bank(name, entry, places) for name, entry in merged["banks"].items()}
    guards = {
        name: {
            language: _lines(text, places.of("guards", name, language))
            for language, text in _by_language(entry, places.of("guards", name), str).items()
        }
        for name, entry in merged["guards"].items()
    }
    lexicon = Lexicon(
        rules=rules,
        guards=guards,
        sets={n: _by_language(e, places.of("sets", n), str) for n, e in merged["sets"].items()},
        words={
            name: {language: tuple(items) for language, items in entry.items()}
            for name, entry in merged["words"].items()
        },
        digest=digest(merged),
    )
    _check_guards(lexicon)
    return lexicon


class _Places:
    """Where things stand; node trees are only composed when an error needs a line."""

    def __init__(self) -> None:
        self._paths: dict[tuple[str, str], Path] = {}

    def remember(self, path: Path, section: str, name: str) -> None:
        self._paths[(section, str(name))] = path

    def of(self, section: str, name: str, *keys: str) -> _Place:
        return _Place(self._paths.get((section, name)), (section, name, *keys))


@dataclass(frozen=True, slots=True)
class _Place:
    path: Path | None
    keys: tuple[str, ...]
    offset: int = 0

    def __str__(self) -> str:
        if self.path is None:
            return ".".join(self.keys)
        return (
            f"{self.path.name}:{_line_of(self.path, self.keys) + self.offset} {'.'.join(self.keys)}"
        )

    def at(self, *keys: str, offset: int = 0) -> _Place:
        return _Place(self.path, (*self.keys, *keys), offset)


def _line_of(path: Path, keys: Sequence[str]) -> int:
    try:
        node: Node | None = YAML(pure=True).compose(path.read_text("utf-8"))
    except (YAMLError, OSError, UnicodeDecodeError):
        return 0
    line = 1
    for key in keys:
        if not isinstance(node, MappingNode):
            break
        for key_node, value in node.value:
            if isinstance(key_node, ScalarNode) and key_node.value == key:
                line, node = key_node.start_mark.line + 1, value
                break
        else:
            break
    return line


def _read(path: Path) -> dict[str, Any]:
    try:
        data = YAML(typ="safe", pure=False).load(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ScorecardError("lexicon file not found", str(path), "check the path") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"cannot read: {error}", str(path), "save it as UTF-8") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ScorecardError(
            f"not valid YAML: {problem}", f"{path.name}{line}", "correct the line"
        ) from error
    if not isinstance(data, dict):
        raise ScorecardError("a lexicon is a mapping", path.name, "start with 'version: 1'")
    _known(data, _TOP, _Place(path, ()))
    if data.get("version") != 1:
        raise ScorecardError("version must be 1", _place(path, "version"), "write 'version: 1'")
    for section in ("banks", "guards", "sets", "words"):
        entries = data.get(section) or {}
        _mapping(entries, _Place(path, (section,)))
        for name, entry in entries.items():
            if not isinstance(name, str):
                raise _error(f"name {name!r} is not text", _Place(path, (section,)))
            _mapping(entry, _Place(path, (section, name)))
    return data


def _place(path: Path, *keys: str) -> str:
    return str(_Place(path, keys))


def _error(message: str, place: object) -> ScorecardError:
    return ScorecardError(message, str(place), "see the lexicon chapter of the manual")


def _known(data: Mapping[str, Any], allowed: set[str], place: _Place) -> None:
    for key in data:
        if key not in allowed:
            where = place.at(str(key))
            raise ScorecardError(
                f"unknown key {key!r}", str(where), f"allowed here: {', '.join(sorted(allowed))}"
            )


def _mapping(value: Any, place: _Place) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _error(f"expected a mapping, found {type(value).__name__}", place)
    return value


def _extend(old: Any, new: Any) -> Any:
    """Lists and frame texts of a later file are added to those of an earlier one."""
    if old is None:
        return new
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _extend(old.get(key), new.get(key, old.get(key))) if key in new else old[key]
                for key in [*old, *(key for key in new if key not in old)]}  # fmt: skip
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *(item for item in new if item not in old)]
    if isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        return f"{old.rstrip()}\n{new}"
    return new


def _by_language(value: Any, place: _Place, kind: type) -> dict[str, Any]:
    entries = _mapping(value, place)
    _known(entries, set(LANGUAGES), place)
    for language, entry in entries.items():
        if not isinstance(entry, kind):
            raise _error(f"expected {kind.__name__}", place.at(language))
    return entries


def _texts(value: Any, place: _Place) -> dict[str, tuple[str, ...]]:
    entries = _by_language(value, place, list)
    for language, items in entries.items():
        for item in items:
            if not isinstance(item, str) or not item.strip():
                raise _error(f"{item!r} is not text (quote it)", place.at(language))
    return {language: tuple(items) for language, items in entries.items()}


def _lines(text: str, place: _Place) -> tuple[Line, ...]:
    lines = []
    for offset, raw in enumerate(text.splitlines(), start=1):
        source = raw.split("#", 1)[0].strip()
        if not source:
            continue
        source, _, guards = source.partition(" -- ")
        position = "any"
        for name in GUARD_POSITIONS:
            if source.startswith(f"{name}:"):
                position, source = name, source[len(name) + 1 :]
        lines.append(
            Line(
                source=source.strip(),
                guards=tuple(guards.split()),
                position=position,
                place=place.at(offset=offset),
            )
        )
    return tuple(lines)


def _bank(name: str, entry: Mapping[str, Any], places: _Places) -> BankRules:
    place = places.of("banks", name)
    _known(entry, _BANK, place)
    for key in ("title", "kind", "side"):
        if key not in entry:
            raise ScorecardError(f"bank {name} has no {key}", str(place), f"add '{key}:'")
    title = _by_language(entry["title"], place.at("title"), str)
    kind = _one_of(entry["kind"], [kind.value for kind in BankKind], place.at("kind"))
    side = _one_of(entry["side"], ["agent", "customer"], place.at("side"))
    phrases = _texts(entry.get("phrases") or {}, place.at("phrases"))
    frames = {
        language: _lines(text, place.at("frames", language))
        for language, text in _by_language(
            entry.get("frames") or {}, place.at("frames"), str
        ).items()
    }
    return BankRules(
        bank=Bank(
            id=name,
            title=title,
            kind=BankKind(kind),
            side=Role(side),
            phrases=phrases,
            frames={lang: tuple(line.source for line in lines) for lang, lines in frames.items()},
            hard_negatives=_texts(entry.get("hard_negatives") or {}, place.at("hard_negatives")),
            exact_you=_flag(entry.get("exact_you", False), place.at("exact_you")),
        ),
        short=_one_of(entry.get("short", "clause"), _SHORT, place.at("short")),
        unless=tuple(_strings(entry.get("unless") or [], place.at("unless"))),
        doubt=tuple(_strings(entry.get("doubt") or [], place.at("doubt"))),
        frames=frames,
        regexes=_regexes(entry.get("regexes") or {}, place.at("regexes")),
    )


def _regexes(value: Any, place: _Place) -> dict[str, tuple[UserRegex, ...]]:
    found = {}
    for language, items in _by_language(value, place, list).items():
        where = place.at(language)
        for item in items:
            _known(_mapping(item, where), _REGEX, where)
            if not isinstance(item.get("pattern"), str):
                raise _error("a regex needs 'pattern' as text", where)
        found[language] = tuple(
            UserRegex(
                pattern=item["pattern"],
                anchors=tuple(_strings(item.get("anchors") or [], where)),
                guards=tuple(_strings(item.get("unless") or [], where)),
                place=where,
            )
            for item in items
        )
    return found


def _strings(value: Any, place: _Place) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _error("expected a list of texts", place)
    return value


def _one_of(value: Any, allowed: Sequence[str], place: _Place) -> str:
    if value not in allowed:
        raise ScorecardError(
            f"{value!r} is not allowed", str(place), f"one of {', '.join(allowed)}"
        )
    return str(value)


def _flag(value: Any, place: _Place) -> bool:
    if not isinstance(value, bool):
        raise _error(f"expected true or false, found {value!r}", place)
    return value


def _check_guards(lexicon: Lexicon) -> None:
    for name, rules in lexicon.rules.items():
        named: list[tuple[str, object]] = [
            (guard, f"bank {name}") for guard in (*rules.unless, *rules.doubt)
        ]
        for lines in rules.frames.values():
            named += [(guard, line.place) for line in lines for guard in line.guards]
        for regexes in rules.regexes.values():
            named += [(guard, entry.place) for entry in regexes for guard in entry.guards]
        for guard, place in named:
            if guard not in lexicon.guards:
                known = ", ".join(sorted(lexicon.guards))
                raise ScorecardError(
                    f"unknown guard {guard!r}", str(place), f"known guards: {known}"
                )
