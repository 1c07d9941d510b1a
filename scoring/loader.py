"""Load scorecards: every problem of a file at once, each with its line and a suggestion."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from qa.calls import Call
from qa.errors import ScorecardError
from scoring.criteria.base import Part
from scoring.criteria.windows import Anchor, Window
from scoring.loader_yaml import Document, Problem, read_yaml, show_path
from scoring.scorecard import Scorecard, walk_rules

Where = tuple[str | int, ...]

#: Scorecards that ship with the product.
PACKAGED = Path(__file__).with_name("scorecards")
SCHEMA_FILE = PACKAGED / "scorecard.schema.json"


def list_scorecards(folder: str | Path = "") -> dict[str, Path]:
    """Names and files of all scorecards: the packaged ones, then the site's (which win)."""
    found: dict[str, Path] = {}
    for place in (PACKAGED, Path(folder) if folder else None):
        if place is not None and place.is_dir():
            for path in sorted((*place.glob("*.yaml"), *place.glob("*.yml"))):
                found[path.stem] = path
    return found


def load_scorecard(name_or_path: str | Path, *, folder: str | Path = "") -> Scorecard:
    """A scorecard by name (packaged or in `folder`) or by path.

    Raises:
        ScorecardError: With all problems of the file, each with line and suggestion.
    """
    path = _find(name_or_path, folder)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ScorecardError(f"cannot be read: {error}", str(path), "save it as UTF-8") from error
    return parse_scorecard(text, file=str(path))


@lru_cache(maxsize=32)
def parse_scorecard(text: str, *, file: str = "scorecard.yaml") -> Scorecard:
    """A scorecard from YAML text; raises `ScorecardError` with all problems."""
    scorecard, problems = check_scorecard(text, file=file)
    if scorecard is None or any(p.severity == "error" for p in problems):
        shown = "\n".join(str(problem) for problem in problems)
        raise ScorecardError(f"{len(problems)} problem(s)\n{shown}", file, "correct these lines")
    return scorecard


def check_scorecard(text: str, *, file: str) -> tuple[Scorecard | None, list[Problem]]:
    """The scorecard, if it can be built, and everything that is wrong with the file."""
    document = read_yaml(text, file=file)
    if document.data is None:
        return None, document.problems
    try:
        payload = json.dumps(document.data, ensure_ascii=False)
        scorecard = Scorecard.model_validate_json(payload.encode("utf-8", "surrogatepass"))
    except ValidationError as error:
        document.problems += [_problem(item, document) for item in error.errors() if _own(item)]
        return None, document.problems
    except (ValueError, RecursionError) as error:
        problem = Problem(file=file, line=0, field="", message=f"cannot be read: {error}")
        return None, [*document.problems, problem]
    return scorecard, [*document.problems, *_references(scorecard, document)]


def locate(text: str, *, file: str) -> Document:
    """The document of a scorecard's text, for line numbers of later findings."""
    return read_yaml(text, file=file)


def schema() -> dict[str, Any]:
    """The published JSON Schema of scorecard files."""
    plain = Scorecard.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain}


def schema_text() -> str:
    """`schema()` as the text of `scorecard.schema.json`."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def choose_scorecard(
    call: Call, cards: Sequence[Scorecard], *, call_type: str = "", language: str = ""
) -> Scorecard:
    """The scorecard whose routing fits a call best: most matching fields, then newest.

    Raises:
        ScorecardError: When no scorecard is meant for this call.
    """
    language = language or call.language
    scored = [(fit, card) for card in cards if (fit := _fit(card, call, call_type, language)) >= 0]
    if not scored:
        raise ScorecardError(
            f"no scorecard applies to this call (queue {call.queue!r}, {call.direction.value}, "
            f"language {language!r})",
            f"call {call.id}",
            "add a scorecard without routing as the default",
        )
    return max(scored, key=lambda pair: (pair[0], _newest(pair[1]), pair[1].id))[1]


def _newest(card: Scorecard) -> tuple[str, tuple[int, ...]]:
    since = card.routing.effective_from
    numbers = tuple(int(part) for part in card.version.split(".") if part.isdigit())
    return (since.isoformat() if since else "", numbers)


def _fit(card: Scorecard, call: Call, call_type: str, language: str) -> int:
    """Number of routing fields that match, or -1 when one excludes the call."""
    routing = card.routing
    day = call.started_at.date() if call.started_at else None
    if day and routing.effective_from and day < routing.effective_from:
        return -1
    if day and routing.effective_to and day >= routing.effective_to:
        return -1
    tests: list[tuple[bool, bool]] = [
        (bool(routing.queues), call.queue in routing.queues),
        (bool(routing.directions), call.direction in routing.directions),
        (bool(routing.languages), language[:2] in {item[:2] for item in routing.languages}),
        (bool(routing.call_types), call_type in routing.call_types),
    ]
    tests += [(True, call.tags.get(key) == value) for key, value in routing.metadata.items()]
    if any(asked and not met for asked, met in tests):
        return -1
    return sum(asked for asked, _ in tests)


def _find(name_or_path: str | Path, folder: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    known = list_scorecards(folder)
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    close = difflib.get_close_matches(str(name_or_path), known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(known) or 'none'}"
    raise ScorecardError(f"no scorecard {str(name_or_path)!r}", "scorecards", hint)


def _problem(item: Any, document: Document) -> Problem:
    """A pydantic error as a problem with line and suggestion."""
    path = _plain_path(item["loc"], document.data)
    return Problem(
        file=document.file,
        line=document.line_of(path),
        field=show_path(path),
        message=_message(item),
        suggestion=_suggestion(item, path),
    )


def _own(item: Any) -> bool:
    """False for "too short" lists that are only short because their items are wrong."""
    return not (item["type"] == "too_short" and item.get("input"))


def _plain_path(loc: Where, data: Any) -> Where:
    """The location without the union tags that pydantic puts in between."""
    path: list[str | int] = []
    here = data
    for index, part in enumerate(loc):
        last = index == len(loc) - 1
        if isinstance(here, dict) and isinstance(part, str) and (part in here or last):
            path.append(part)
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            path.append(part)
            here = here[part]
    return tuple(path)


def _message(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return "unknown key"
    if item["type"] == "missing":
        return "is missing"
    return str(item["msg"]).removeprefix("Value error, ")


def _suggestion(item: Any, path: Where) -> str:  # noqa: PLR0911 - one line per kind of error
    kind, given = item["type"], item.get("input")
    if kind == "extra_forbidden":
        return _closest(str(path[-1]) if path else "")
    if kind.startswith("bool") and isinstance(given, str):
        return "write true or false (YAML 1.2: no/yes/on/off are text)"
    if kind.startswith(("float", "int")) and isinstance(given, str):
        return "write a plain number" + (
            ", e.g. seconds 630 instead of 10:30" if ":" in given else " without quotes"
        )
    if kind.startswith("string") and given is not None and not isinstance(given, str):
        return f"put it in quotes: {json.dumps(str(given), ensure_ascii=False)}"
    if kind == "missing":
        return f"add `{path[-1]}:`" if path else ""
    if kind == "union_tag_invalid":
        tags = str(item.get("ctx", {}).get("expected_tags", "")).replace("'", "").split(", ")
        close = difflib.get_close_matches(str(item.get("ctx", {}).get("tag", "")), tags, n=1)
        return f"did you mean kind: {close[0]}?" if close else "use one of the kinds listed"
    if kind == "union_tag_not_found":
        return "add `kind:` to say what sort of rule this is"
    return "see scorecard.schema.json"


def _closest(key: str) -> str:
    """The known key most like an unknown one."""
    close = [k for k in difflib.get_close_matches(key, _all_keys(), n=2, cutoff=0.7) if k != key]
    if key in _all_keys():
        return "it has no meaning here; move or remove it"
    return f"did you mean `{close[0]}`?" if close else "remove it"


@lru_cache(maxsize=1)
def _all_keys() -> tuple[str, ...]:
    names: set[str] = set()
    pending: list[type[BaseModel]] = [Part]
    while pending:
        model = pending.pop()
        pending += model.__subclasses__()
        names |= {field.alias or name for name, field in model.model_fields.items()}
    return tuple(sorted(names))


def _references(card: Scorecard, document: Document) -> list[Problem]:
    """Problems between parts that are valid on their own: ids, weights, anchors."""
    problems: list[Problem] = []

    def add(path: Where, message: str, suggestion: str) -> None:
        problems.append(
            Problem(
                file=document.file,
                line=document.line_of(path),
                field=show_path(path),
                message=message,
                suggestion=suggestion,
            )
        )

    _duplicate_ids(card, add)
    _weights(card, add)
    _unknown_targets(card, add)
    _unknown_anchors(card, add)
    return problems


def _duplicate_ids(card: Scorecard, add: Any) -> None:
    places: list[tuple[str, Where]] = []
    for s, section in enumerate(card.sections):
        places.append((section.id, ("sections", s, "id")))
        places += [
            (item.id, ("sections", s, "criteria", c, "id"))
            for c, item in enumerate(section.criteria)
            if not (item.id == section.id and len(section.criteria) == 1)
        ]
    places += [(item.code, ("auto_fails", i, "code")) for i, item in enumerate(card.auto_fails)]
    places += [(item.id, ("profiles", i, "id")) for i, item in enumerate(card.profiles)]
    counts = Counter(name for name, _ in places)
    seen: set[str] = set()
    for name, path in places:
        if counts[name] > 1 and name in seen:
            add(path, f"id {name!r} is used twice", "give it another id")
        seen.add(name)


def _weights(card: Scorecard, add: Any) -> None:
    for s, section in enumerate(card.sections):
        total = sum(item.weight for item in section.criteria)
        if section.weight is not None and abs(total - section.weight) > 1e-6:
            add(
                ("sections", s, "weight"),
                f"section {section.id} says {section.weight:g}, its criteria sum to {total:g}",
                f"write {total:g} or change the criteria",
            )
    total = sum(item.weight for _, item in card.criteria() if not item.bonus)
    if card.scoring.mode == "weighted" and abs(total - card.scoring.total) > 1e-6:
        add(
            ("sections",),
            f"weights sum to {total:g}, not {card.scoring.total:g}",
            "change the weights, or scoring.total",
        )
    if total == 0:
        add(("sections",), "no criterion has a weight", "give weights")


def _unknown_targets(card: Scorecard, add: Any) -> None:
    criteria = {item.id for _, item in card.criteria()}
    sections = {section.id for section in card.sections}
    for index, fail in enumerate(card.auto_fails):
        if fail.criterion not in criteria:
            add(
                ("auto_fails", index, "criterion"),
                f"no criterion {fail.criterion!r}",
                _like(fail.criterion, criteria),
            )
    for index, profile in enumerate(card.profiles):
        for name in profile.multiply:
            if name not in criteria | sections:
                add(
                    ("profiles", index, "multiply", name),
                    f"no section or criterion {name!r}",
                    _like(name, criteria | sections),
                )


def _unknown_anchors(card: Scorecard, add: Any) -> None:
    known = {*card.anchors, "it"}
    parts: list[tuple[Where, Any]] = [
        (("sections", s, "criteria", c), item)
        for s, section in enumerate(card.sections)
        for c, item in enumerate(section.criteria)
    ]
    parts += [(("auto_fails", i), item) for i, item in enumerate(card.auto_fails)]
    parts += [(("anchors", name), item) for name, item in card.anchors.items()]
    for path, part in parts:
        for name in sorted(set(_anchor_names(part)) - known):
            add(path, f"no anchor {name!r}", _like(name, known))


def _anchor_names(part: Any) -> list[str]:
    windows = [rule.window for rule in walk_rules(part) if rule.window is not None]
    own = getattr(part, "window", None)
    if isinstance(own, Window):
        windows.append(own)
    names = []
    for window in windows:
        for anchor in (window.after, window.before, window.around):
            if isinstance(anchor, str):
                names.append(anchor)
            elif isinstance(anchor, Anchor) and anchor.name:
                names.append(anchor.name)
    for rule in walk_rules(part):
        trigger = getattr(rule, "trigger", None)
        if isinstance(trigger, str):
            names.append(trigger)
        occurrences = getattr(rule, "of", None)
        if rule.kind == "each" and isinstance(occurrences, str):
            names.append(occurrences)
        if rule.kind == "anchor":
            names.append(getattr(rule, "name", ""))
    return names


def _like(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known)[:12])}"
