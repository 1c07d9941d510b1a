"""The chain of audit events: each event's hash covers its content and the hash before it.

Whoever changes, drops or inserts an event breaks the chain at that place; whoever cuts off its end
no longer matches a head that was noted elsewhere (night reports print it). The construction is the
hash chain of Schneier and Kelsey, "Secure Audit Logs to Support Computer Forensics" (1999),
without its secret keys: it shows tampering to who holds an earlier head.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from qa.errors import QaError

#: What stands before the first event.
GENESIS = "0" * 64


class AuditAction(StrEnum):
    """What is recorded. Other areas may use further names in the same form."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    ACCOUNT_LOCKED = "account_locked"
    SIGN_OUT = "sign_out"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_UNLOCKED = "account_unlocked"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - the name of an event
    PLAYBACK = "playback"
    RAW_ACCESS = "raw_access"
    EXPORT = "export"
    OVERRIDE = "override"
    RETENTION = "retention"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    VOICEPRINT_ENROLLED = "voiceprint_enrolled"
    VOICEPRINT_DELETED = "voiceprint_deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Who did what to what, when and why.

    Attributes:
        sequence: 1, 2, 3 … without gaps.
        at: UTC to the microsecond, as stored and hashed.
        detail: JSON object, as stored and hashed; never what a customer said.
    """

    sequence: int
    at: str
    user_id: str
    action: str
    subject_kind: str = ""
    subject_id: str = ""
    reason: str = ""
    detail: str = "{}"
    previous_hash: str = GENESIS
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Number and hash of the last event: note it elsewhere, and a cut-off end is found."""

    sequence: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A place where the chain does not hold."""

    sequence: int
    what: str


def parse_head(text: str) -> Head:
    """A head as printed, `NUMBER:HASH`.

    Raises:
        QaError: It is not one.
    """
    number, _, hashed = text.strip().partition(":")
    if not number.isdecimal() or len(hashed) != len(GENESIS):
        raise QaError(f"{text!r} is not a head", "audit", "give NUMBER:HASH as it was printed")
    return Head(sequence=int(number), hash=hashed)


def as_detail(values: Mapping[str, Any]) -> str:
    """Details as the canonical JSON that is hashed."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(event: AuditEvent, after: Head) -> AuditEvent:
    """The event as the next one of the chain."""
    chained = replace(event, sequence=after.sequence + 1, previous_hash=after.hash)
    return replace(chained, hash=hash_of(chained))


def hash_of(event: AuditEvent) -> str:
    """SHA-256 over every field but the hash itself, as a JSON list."""
    fields = [getattr(event, name) for name in AuditEvent.__slots__ if name != "hash"]
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()


def breaks(events: Iterable[AuditEvent], head: Head) -> Iterator[Break]:
    """Every place where a chain, read in order from its start, does not hold.

    Args:
        events: All events, by sequence.
        head: Where the chain should reach at least: the stored head, or an earlier one.
    """
    last, met = Head(), head.sequence == 0
    for event in events:
        if event.sequence != last.sequence + 1:
            yield Break(sequence=event.sequence, what="events are missing before it")
        elif event.previous_hash != last.hash:
            yield Break(sequence=event.sequence, what="it does not follow the event before it")
        if hash_of(event) != event.hash:
            yield Break(sequence=event.sequence, what="its content was changed")
        last = Head(sequence=event.sequence, hash=event.hash)
        met = met or last == head
    if not met:
        cut = last.sequence < head.sequence
        what = "the end of the chain is missing" if cut else "it is not the event that was noted"
        yield Break(sequence=head.sequence, what=what)
