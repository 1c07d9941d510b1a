"""Values to JSON and back, byte-stable: the same value always gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from qa.errors import QaError

T = TypeVar("T")


_adapters: dict[Any, TypeAdapter[Any]] = {}
_canonical = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
).encode


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Building an adapter costs milliseconds, using one costs microseconds."""
    if kind not in _adapters:
        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def to_json(value: Any) -> str:
    """The value (a frozen dataclass of this system) as compact JSON, fields in order."""
    return _adapter(type(value)).dump_json(value).decode("utf-8")


def to_plain(value: Any) -> Any:
    """The value as dicts, lists, strings and numbers, ready for `json.dumps`."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_json(kind: type[T], text: str | bytes, *, place: str = "") -> T:
    """Read a value of `kind`; errors name the field and `place`."""
    try:
        return _adapter(kind).validate_json(text)
    except ValidationError as error:
        raise _explain(error, kind, place) from error


def from_plain(kind: type[T], data: Any, *, place: str = "") -> T:
    """Read a value of `kind` from plain data (JSON-like); errors name the field and `place`."""
    try:
        return _adapter(kind).validate_python(data)
    except ValidationError as error:
        raise _explain(error, kind, place) from error


def digest(data: Any) -> str:
    """First 16 hex digits of the SHA-256 of canonical JSON (sorted keys, no spaces)."""
    return hashlib.sha256(_canonical(data).encode("utf-8")).hexdigest()[:16]


def _explain(error: ValidationError, kind: type, place: str) -> QaError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or kind.__name__
    return QaError(
        f"{kind.__name__}.{field}: {first['msg']}",
        place,
        "correct the field, or write the file again with this version",
    )
