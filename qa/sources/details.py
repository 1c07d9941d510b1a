"""From written columns to `CallDetails`: every wrong field is named with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from qa.sources import fields
from qa.sources.customers import customer_ref
from qa.sources.values import NO_DETAILS, CallDetails

_REMEDIES = {
    "started_at": "write it like 2024-03-19 14:30:55",
    "direction": "write inbound, outbound or internal",
    "layout": "write mono, stereo, agent_left or agent_right",
    "language": "write zh, en or another two-letter code",
}
_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("call_id", "agent_id", "team", "queue"), fields.identifier),
    "direction": fields.direction,
    "layout": fields.layout,
    "language": fields.language,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFault:
    """A column that cannot be read."""

    field: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailsReader:
    """Reads columns of one source.

    Attributes:
        local: Zone of times that carry none.
        now: When the listing began, to refuse times in the future.
        customer_key: Key of the customer hash; without one, customers are dropped.
    """

    local: tzinfo
    now: datetime
    customer_key: bytes

    def read(
        self, columns: Mapping[str, str], tags: Mapping[str, str]
    ) -> tuple[CallDetails, list[FieldFault]]:
        """The details, and every fault; faulty fields are left empty."""
        faults: list[FieldFault] = []
        values: dict[str, Any] = {}
        for name, text in columns.items():
            try:
                if name == "started_at":
                    values[name] = fields.moment(text, self.local, now=self.now)
                elif name in _READERS:
                    values[name] = _READERS[name](text)
            except ValueError as error:
                remedy = _REMEDIES.get(name, "write a short name without slashes")
                faults.append(FieldFault(field=name, message=str(error), remedy=remedy))
        customer = customer_ref(columns.get("customer", ""), self.customer_key)
        return CallDetails(**values, customer_ref=customer, tags=dict(tags)), faults


def fill(details: CallDetails, other: CallDetails) -> CallDetails:
    """The details, with what they do not say taken from `other`."""
    names = [name for name in CallDetails.__slots__ if name != "tags"]
    missing = {
        name: getattr(other, name)
        for name in names
        if getattr(details, name) == getattr(NO_DETAILS, name)
    }
    return replace(details, **missing, tags={**other.tags, **details.tags})
