"""Values to JSON and back, byte-stable: the same value always gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from json.encoder import encode_basestring
from operator import add, itemgetter
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
    return _short_hash(_canonical(data))


class RecordDigest:
    """`digest` of dictionaries that all have the same keys, in half the time.

    Args:
        names: The keys, in the order in which values are given.
    """

    def __init__(self, names: Sequence[str]) -> None:
        order = sorted(range(len(names)), key=names.__getitem__)
        self._keys = [f"{_canonical(names[position])}:" for position in order]
        self._in_order = itemgetter(*order)

    def __call__(self, values: Sequence[Any]) -> str:
        """Digest of the dictionary of these values; there must be two of them or more."""
        texts = map(_canonical_value, self._in_order(values))
        return _short_hash(f"{{{','.join(map(add, self._keys, texts))}}}")


def _canonical_value(value: Any) -> str:
    # json builds an encoder for every call on anything but a text
    if isinstance(value, str):
        return encode_basestring(value)
    return "null" if value is None else "{}" if value == {} else _canonical(value)


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _explain(error: ValidationError, kind: type, place: str) -> QaError:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or kind.__name__
    return QaError(
        f"{kind.__name__}.{field}: {first['msg']}",
        place,
        "correct the field, or write the file again with this version",
    )
