"""What kind of form field each part of a scorecard needs, read from the scorecard's own model.

The form is made from the model, so a new rule kind appears in the editor without code here; its
words stand in `texts/*/rules.yaml`.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scoring.criteria.base import ByLanguage, RuleBase, Text
from scoring.criteria.searching import Patterns
from scoring.criteria.windows import Anchor, Window


class Shape(StrEnum):
    """Kinds of form fields."""

    YES_NO = "yes_no"
    WHOLE = "whole"
    NUMBER = "number"
    LINE = "line"
    CHOICE = "choice"
    BILINGUAL = "bilingual"
    PATTERNS = "patterns"
    PHRASES = "phrases"
    WINDOW = "window"
    ANCHOR = "anchor"
    RANGE = "range"
    MANY = "many"
    BANKS = "banks"
    BANK = "bank"
    RULE = "rule"
    RULES = "rules"
    PART = "part"
    PARTS = "parts"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShape:
    """One field of a rule or part.

    Attributes:
        name: As in the file.
        required: Whether it has no default.
        choices: For a choice, or many of a fixed set.
        part: Model of a part or of the items of a list of parts.
        low, high: Bounds of a number.
    """

    name: str
    shape: Shape
    required: bool
    default: Any = None
    choices: tuple[str, ...] = ()
    part: type[BaseModel] | None = None
    low: float | None = None
    high: float | None = None


_BANK_LISTS = {"banks", "forbidden", "asked_by", "announced_by", "explained_by", "not_banks"}


@cache
def kinds() -> dict[str, type[RuleBase]]:
    """Rule kind → its model, in alphabetical order."""
    found: dict[str, type[RuleBase]] = {}
    waiting = list(RuleBase.__subclasses__())
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        for kind in typing.get_args(model.model_fields["kind"].annotation):
            found[str(kind)] = model
    return dict(sorted(found.items()))


@cache
def fields_of(model: type[BaseModel]) -> tuple[FieldShape, ...]:
    """The form fields of a model, required ones first; `kind` is chosen apart."""
    shapes = [
        _field(info.alias or name, info)
        for name, info in model.model_fields.items()
        if name != "kind"
    ]
    return tuple(sorted(shapes, key=lambda field: not field.required))


def _field(name: str, info: FieldInfo) -> FieldShape:
    low, high = _bounds(info.metadata)
    annotation, inner = _bare(info.annotation)
    low, high = (low, high) if (low, high) != (None, None) else _bounds(inner)
    shape, choices, part = _shape(name, annotation)
    return FieldShape(
        name=name,
        shape=shape,
        required=info.is_required(),
        default=info.get_default(call_default_factory=True) if not info.is_required() else None,
        choices=choices,
        part=part,
        low=low,
        high=high,
    )


def _bare(annotation: Any) -> tuple[Any, list[Any]]:
    """The type without `Annotated` and `None`, and the constraints that stood on it."""
    constraints: list[Any] = []
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation, *more = typing.get_args(annotation)
            for item in more:
                constraints += getattr(item, "metadata", None) or [item]
            continue
        if typing.get_origin(annotation) in (typing.Union, types.UnionType):
            rest = [item for item in typing.get_args(annotation) if item is not type(None)]
            if len(rest) == 1:
                annotation = rest[0]
                continue
        return annotation, constraints


def _bounds(metadata: list[Any]) -> tuple[float | None, float | None]:
    low = next((item.ge for item in metadata if getattr(item, "ge", None) is not None), None)
    high = next((item.le for item in metadata if getattr(item, "le", None) is not None), None)
    return low, high


_SIMPLE = {
    bool: Shape.YES_NO,
    int: Shape.WHOLE,
    float: Shape.NUMBER,
    Text: Shape.BILINGUAL,
    str | Text: Shape.BILINGUAL,
    Patterns: Shape.PATTERNS,
    ByLanguage: Shape.PHRASES,
    Window: Shape.WINDOW,
}
_Shaped = tuple[Shape, tuple[str, ...], type[BaseModel] | None]


def _shape(name: str, annotation: Any) -> _Shaped:  # noqa: PLR0911 - one line per shape
    if annotation in _SIMPLE:
        return _SIMPLE[annotation], (), None
    if annotation is str:
        return (Shape.BANK if name == "bank" else Shape.LINE), (), None
    if choices := _choices(annotation):
        return Shape.CHOICE, choices, None
    if typing.get_origin(annotation) is tuple:
        return _list_shape(name, typing.get_args(annotation))
    if _is_anchor(annotation):
        return Shape.ANCHOR, (), None
    if _is_rule(annotation):
        return Shape.RULE, (), None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape.PART, (), annotation
    return Shape.OTHER, (), None


def _list_shape(name: str, items: tuple[Any, ...]) -> _Shaped:
    item, _ = _bare(items[0])
    if items[-1] is not Ellipsis:
        return (Shape.RANGE if item is float else Shape.OTHER), (), None
    if _is_rule(item):
        return Shape.RULES, (), None
    if choices := _choices(item):
        return Shape.MANY, choices, None
    if item is str:
        return (Shape.BANKS if name in _BANK_LISTS else Shape.MANY), (), None
    if isinstance(item, type) and issubclass(item, BaseModel):
        return Shape.PARTS, (), item
    return Shape.OTHER, (), None


def _choices(annotation: Any) -> tuple[str, ...]:
    if typing.get_origin(annotation) is Literal:
        return tuple(str(item) for item in typing.get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(item.value) for item in annotation)
    return ()


def _is_anchor(annotation: Any) -> bool:
    return Anchor in typing.get_args(annotation)


def _is_rule(annotation: Any) -> bool:
    """A union of rules, or one that also takes the name of an anchor."""
    members = typing.get_args(annotation)
    rules = [
        item
        for member in members
        for item in (typing.get_args(_bare(member)[0]) or (member,))
        if isinstance(item, type) and issubclass(item, RuleBase)
    ]
    return len(rules) > 1


def seed(field: FieldShape) -> Any:
    """A first value for a field that was just added."""
    simple: dict[Shape, Any] = {
        Shape.YES_NO: True,
        Shape.WHOLE: int(field.low or 1),
        Shape.NUMBER: float(field.low or 1.0),
        Shape.LINE: "",
        Shape.BANK: "",
        Shape.BILINGUAL: {"zh": "", "en": ""},
        Shape.PATTERNS: {"zh": "", "en": ""},
        Shape.PHRASES: {"zh": [], "en": []},
        Shape.WINDOW: {"first_turns": 4},
        Shape.ANCHOR: "",
        Shape.RANGE: [0.0, 100.0],
        Shape.RULE: {"kind": "phrase", "banks": []},
    }
    if field.shape is Shape.CHOICE:
        return field.choices[0]
    if field.shape is Shape.PART and field.part is not None:
        return seed_part(field.part)
    return simple.get(field.shape, [])


def seed_part(model: type[BaseModel]) -> dict[str, Any]:
    """A part with its required fields only."""
    return {field.name: seed(field) for field in fields_of(model) if field.required}


def seed_rule(kind: str) -> dict[str, Any]:
    """A rule of a kind with its required fields only."""
    return {"kind": kind, **seed_part(kinds()[kind])}
