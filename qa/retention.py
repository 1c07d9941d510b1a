"""How long each class of data is kept, what is due, and deleting it with a certificate.

Classes: `raw_audio` (the recording), `raw_text` (the sealed transcript), `redacted` (transcripts,
analyses, summaries), `evaluations`, `voiceprint` (an agent's voice), and `call` (everything:
forgotten customers, and calls recorded without consent). The audit trail is never deleted: cutting
it would break its chain.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from qa import codec
from qa.access import Action, Person, require
from qa.audit import AuditAction
from qa.errors import AudioError, SettingsError
from qa.privacy.redaction import redact_note
from qa.settings import RetentionSettings
from qa.store import Store
from qa.store.erasure import Due

_REFUSED = frozenset(
    {"no", "false", "0", "否", "不同意", "拒绝", "refused", "denied", "none", "无"}
)
_FLAGS = (
    *("consent", "recording_consent", "consent_given", "consent_recording"),
    *("录音同意", "同意录音", "录音授权"),
)
#: A certificate says this, because no program can reach into a backup that is elsewhere.
BACKUP_NOTE = (
    "Backups made before this moment still hold what was deleted. Let them expire, or restore, "
    "delete again with `qa privacy forget --certificate FILE`, and back up anew."
)


class DataClass(StrEnum):
    """What is kept and deleted apart."""

    RAW_AUDIO = "raw_audio"
    RAW_TEXT = "raw_text"
    REDACTED = "redacted"
    EVALUATIONS = "evaluations"
    VOICEPRINT = "voiceprint"
    CALL = "call"


class NoConsentError(AudioError):
    """The call must not be processed: somebody said no to being recorded."""

    code = "no_consent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is due now, and what a legal hold keeps. Nothing is deleted by making it."""

    made_at: datetime
    due: tuple[Due, ...]
    held: tuple[Due, ...] = ()

    def counts(self) -> dict[str, int]:
        """Calls due by class; `held` beside them."""
        numbers = Counter(one.what for one in self.due)
        return {**{each.value: numbers[each.value] for each in DataClass}, "held": len(self.held)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was deleted: never what it said, nor whose it was.

    Attributes:
        items: Per call: id, class, SHA-256 of the recording, rows and files deleted.
        not_deleted: Files that could not be reached, with the reason; somebody must see to them.
        digest: SHA-256 of everything else here, in canonical JSON (first 16 hex digits).
    """

    kind: str
    made_at: str
    made_by: str
    reason: str
    items: tuple[Mapping[str, Any], ...]
    not_deleted: tuple[Mapping[str, str], ...] = ()
    backups: str = BACKUP_NOTE
    digest: str = ""


def refused(tags: Mapping[str, str]) -> str:
    """The flag by which recording was refused, `""` when none says so.

    A missing notice (`recording_notice`) is judged by scorecards: the agent then had to give it.
    """
    for name, value in tags.items():
        if name.strip().lower() in _FLAGS and str(value).strip().lower() in _REFUSED:
            return name
    return ""


def require_consent(call_id: str, tags: Mapping[str, str]) -> None:
    """Stop the processing of a call whose source says that recording was refused.

    Raises:
        NoConsentError: The flag says no.
    """
    if flag := refused(tags):
        raise NoConsentError(
            f"{flag} = {tags[flag]}: this call must not be processed",
            call_id,
            "correct the manifest if that is wrong; `qa retention apply` deletes the call",
        )


def place_hold(
    store: Store, person: Person, *, call_id: str = "", customer_ref: str = "", reason: str
) -> int:
    """Keep a call, or all calls of a customer (keyed hash), until the hold is lifted.

    Raises:
        AccessDeniedError: No right to decide about retention.
        SettingsError: Neither or both are named, or no reason.
    """
    with store.transaction():
        made = store.erasure.hold(person, call_id=call_id, customer_ref=customer_ref, reason=reason)
        _note_hold(store, person, AuditAction.HOLD_PLACED, made, reason=reason.strip())
    return made


def lift_hold(store: Store, person: Person, hold_id: int) -> None:
    """End a hold; it stays on record.

    Raises:
        AccessDeniedError: No right to decide about retention.
        NotFoundError: There is no such hold in force.
    """
    with store.transaction():
        store.erasure.lift(person, hold_id)
        _note_hold(store, person, AuditAction.HOLD_LIFTED, hold_id)


def _note_hold(
    store: Store, person: Person, action: AuditAction, hold_id: int, *, reason: str = ""
) -> None:
    store.audit.record(person.user_id, action, kind="hold", subject=str(hold_id), reason=reason)


def make_plan(store: Store, settings: RetentionSettings) -> Plan:
    """What is due by age and by missing consent, less what a legal hold keeps."""
    now = store.database.now()
    days = {
        DataClass.RAW_AUDIO: settings.raw_audio_days,
        DataClass.RAW_TEXT: settings.raw_text_days,
        DataClass.REDACTED: settings.redacted_days,
        DataClass.EVALUATIONS: settings.evaluations_days,
    }
    due = [
        one
        for each, kept in days.items()
        if kept
        for one in store.erasure.older_than(each.value, now - timedelta(days=kept))
    ]
    if settings.voiceprints_days:
        due += store.erasure.voices(before=now - timedelta(days=settings.voiceprints_days))
    due += [one for one, tags in store.erasure.flagged(_FLAGS) if refused(tags)]
    return _plan(store, now, due)


def plan_to_forget(store: Store, customer_ref: str) -> Plan:
    """Every call of a customer (keyed hash, `qa.sources.customers.customer_ref`)."""
    if not customer_ref:
        raise SettingsError("no customer is named", "customer", "give the number or id as imported")
    return _plan(store, store.database.now(), store.erasure.of_customer(customer_ref))


def plan_again(store: Store, certificate: Mapping[str, Any]) -> Plan:
    """What an earlier certificate deleted and a restored backup brought back."""
    items = certificate["items"]
    wanted = [(str(item["sha256"]), str(item["what"])) for item in items if item["sha256"]]
    voices = [str(item["agent_id"]) for item in items if item.get("agent_id")]
    due = [*store.erasure.of_recordings(wanted), *store.erasure.voices(agents=voices)]
    return _plan(store, store.database.now(), due)


def _plan(store: Store, now: datetime, due: Sequence[Due]) -> Plan:
    held = store.erasure.held(one.call_id for one in due)
    return Plan(
        made_at=now,
        due=tuple(one for one in due if one.call_id not in held),
        held=tuple(one for one in due if one.call_id in held),
    )


def apply_plan(
    store: Store,
    plan: Plan,
    person: Person,
    *,
    reason: str,
    kind: str = "retention",
    folder: str = "",
) -> Certificate:
    """Delete what is due: files first, then rows, certificate and audit event in one transaction.

    Args:
        store: Open for writing.
        plan: From `make_plan` or `plan_to_forget`; holds placed since then are respected.
        person: Who deletes; needs `APPLY_RETENTION`.
        reason: Why, in words; stands in certificate and audit trail.
        kind: `retention` or `forget`.
        folder: Recordings inside it are deleted as files; others are named as not deleted.

    Raises:
        AccessDeniedError: No right to delete.
        SettingsError: No reason.
    """
    require(person, Action.APPLY_RETENTION)
    reason = redact_note(reason.strip())
    if len(reason) < 5:
        raise SettingsError("data is deleted for a reason", "reason", "say in some words why")
    held = store.erasure.held(one.call_id for one in plan.due)
    due = [one for one in plan.due if one.call_id not in held]
    left: list[dict[str, str]] = []
    items = [_with_files(store, one, folder, left) for one in due]
    made_at = store.database.now().isoformat()
    with store.transaction():
        for one, item in zip(due, items, strict=True):
            item["rows"] = store.erasure.delete(one)
        made = Certificate(
            kind=kind,
            made_at=made_at,
            made_by=person.user_id,
            reason=reason,
            items=tuple(items),
            not_deleted=tuple(left),
        )
        plain = {name: value for name, value in asdict(made).items() if name != "digest"}
        signed = codec.digest(plain)
        store.erasure.certify(kind, person.user_id, reason, json.dumps(plain), signed)
        store.audit.record(
            person.user_id,
            AuditAction.RETENTION,
            kind="deletion",
            subject=signed,
            reason=reason,
            detail={"kind": kind, "items": len(items), "not_deleted": len(left)},
        )
    store.erasure.compact()
    return Certificate(**plain, digest=signed)


def _with_files(store: Store, one: Due, folder: str, left: list[dict[str, str]]) -> dict[str, Any]:
    files = 0
    if one.what in (DataClass.RAW_AUDIO, DataClass.CALL):
        for uri in store.erasure.places(one.sha256):
            problem = _remove(uri, folder)
            files += not problem
            if problem:
                left.append({"call_id": one.call_id, "file": uri, "why": problem})
    item = {"call_id": one.call_id, "what": one.what, "sha256": one.sha256, "files": files}
    return item | ({"agent_id": one.agent_id} if one.agent_id else {})


def _remove(uri: str, folder: str) -> str:
    """Delete a file of ours; returns why not, `""` when it is gone."""
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file"):
        return f"{parts.scheme} is not deleted from here"
    path = Path(unquote(parts.path) if parts.scheme else uri)
    if not folder:
        return "retention.recordings_folder is not set"
    if not path.resolve().is_relative_to(Path(folder).expanduser().resolve()):
        return "outside retention.recordings_folder"
    with suppress(FileNotFoundError):
        try:
            path.unlink()
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise
            return str(error.strerror)
    return ""
