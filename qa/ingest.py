"""Ingest: a file becomes a recording once, by its bytes, and gets its call."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter
from typing import Any

from qa import codec
from qa.calls import Call, Recording
from qa.errors import NotFoundError, QaError, SourceError
from qa.privacy.tags import tells_customer
from qa.sources import NO_DETAILS, CallDetails, SourceItem, local_path, open_file
from qa.store import SeenFile, Store

#: How much of a file is in memory at once.
_BLOCK = 1 << 20

#: Everything but the time, read at once: a listing may hold a million of them.
_PLAIN = tuple(name for name in CallDetails.__slots__ if name != "started_at")
_fields = attrgetter(*_PLAIN)
_digest = codec.RecordDigest((*_PLAIN, "started_at"))

#: Files looked up in one query when many are entered.
_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """A file that is in the store.

    Attributes:
        new: The bytes were not known before.
        updated: The call's metadata was corrected (a changed manifest).
    """

    recording: Recording
    call: Call
    new: bool = False
    updated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIngested:
    """A file that could not enter, and why; the batch goes on."""

    item: SourceItem
    error: QaError


def ingest(item: SourceItem, store: Store, *, storage: Mapping[str, Any] | None = None) -> Ingested:
    """Enter one file: hash it (streaming), enter recording and call, remember it for next time.

    The same bytes under another name are the same recording, and the other name is noted. A file
    that is known with this size and version is not read again. Metadata that the source now says
    differently replaces what the store has; what it no longer says stays.

    Args:
        item: The file as listed.
        store: Where it goes.
        storage: Options for the fsspec file system.

    Raises:
        SourceError: It cannot be read, is empty, or changed while it was read.
        StoreError: Its call id belongs to another recording, or the store refuses.
        TransientError: Trying again may help.
    """
    seen = store.source_files.seen([item.uri]).get(item.uri)
    return _enter(item, store, seen, storage or {})


def ingest_many(
    items: Iterable[SourceItem], store: Store, *, storage: Mapping[str, Any] | None = None
) -> Iterator[Ingested | NotIngested]:
    """Enter files in order; what is known already costs no reading and one query per thousand."""
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        seen = store.source_files.seen(item.uri for item in batch)
        ids = [file.recording_id for file in seen.values() if file.recording_id]
        known = store.calls.with_recordings(ids)
        for item in batch:
            file = seen.get(item.uri)
            if file is not None and file.recording_id in known and _unchanged(item, file):
                recording, call = known[file.recording_id]
                yield Ingested(recording=recording, call=call)
                continue
            try:
                yield _enter(item, store, file, storage or {})
            except QaError as error:
                yield NotIngested(item=item, error=error)


def with_known(
    items: Iterable[SourceItem], store: Store
) -> Iterator[tuple[SourceItem, tuple[str, str] | None]]:
    """Each file with (SHA-256, call id) where nothing of it changed since it was entered.

    One query per thousand files and no object per file: a million known ones take a minute.
    """
    source = iter(items)
    while batch := list(islice(source, _BATCH)):
        entered = store.source_files.entered(item.uri for item in batch)
        for item in batch:
            known = entered.get(item.uri)
            now = (item.size_bytes, item.version, details_digest(item.details))
            yield item, known[3:] if known is not None and known[:3] == now else None


def _enter(
    item: SourceItem, store: Store, seen: SeenFile | None, storage: Mapping[str, Any]
) -> Ingested:
    same_bytes = seen is not None and (seen.size_bytes, seen.version) == (
        item.size_bytes,
        item.version,
    )
    if same_bytes and seen is not None and seen.recording_id:
        recording = store.recordings.get(seen.recording_id)
    else:
        sha256 = _hash(item, storage)
        if store.erasure.is_erased(sha256):
            raise SourceError(
                "this recording was deleted for good and is not entered again",
                item.uri,
                "remove the file from the source",
            )
        recording = Recording(
            id=sha256[:16],
            uri=item.uri,
            sha256=sha256,
            size_bytes=item.size_bytes,
            received_at=store.database.now(),
        )
    return _save(item, store, recording)


def _save(item: SourceItem, store: Store, recording: Recording) -> Ingested:
    with store.transaction():
        new = store.recordings.add(recording)
        if not new:
            recording = store.recordings.get(recording.id)
            recording = _follow(item, store, recording)
        before = store.calls.of_recording(recording.id)
        details = _shown(item, store)
        call = _call(details, recording, before)
        if before is None:
            call = _own_id(item, store, call)
            store.calls.add(call)
        elif call != before:
            store.calls.update(call)
        store.source_files.remember([_seen(item, recording.id)])
    updated = before is not None and call != before
    return Ingested(recording=recording, call=call, new=new, updated=updated)


def _shown(item: SourceItem, store: Store) -> CallDetails:
    """Without personal data in tags, and in an id that was guessed from the file's name."""
    details = replace(item.details, tags=store.privacy.tags(item.details.tags))
    if item.origin.startswith("pattern") and tells_customer(details.call_id):
        return replace(details, call_id="")
    return details


def _follow(item: SourceItem, store: Store, recording: Recording) -> Recording:
    """A renamed file is played from its new place; a second copy changes nothing."""
    old = local_path(recording.uri)
    if recording.uri == item.uri or old is None or old.exists():
        return recording
    store.recordings.move(recording.id, item.uri)
    return replace(recording, uri=item.uri)


def _own_id(item: SourceItem, store: Store, call: Call) -> Call:
    """An id guessed from a file name gives way when taken; one of a manifest must be right."""
    if not item.origin.startswith("pattern"):
        return call
    try:
        store.calls.get(call.id)
    except NotFoundError:
        return call
    return replace(call, id=f"{call.id}-{call.recording_id[:8]}")


def _hash(item: SourceItem, storage: Mapping[str, Any]) -> str:
    digest, length = hashlib.sha256(), 0
    with open_file(item.uri, storage) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            length += len(block)
            if length > item.size_bytes:
                break
    if length != item.size_bytes:
        raise SourceError(
            "the file changed while it was read", item.uri, "it is left for the next run"
        )
    if not length:
        raise SourceError("the file is empty", item.uri, "upload it again, or remove it")
    return digest.hexdigest()


def _call(details: CallDetails, recording: Recording, before: Call | None) -> Call:
    if before is None:
        before = Call(id=details.call_id or recording.id, recording_id=recording.id)
    said: dict[str, Any] = {}
    for name in CallDetails.__slots__:
        if name not in ("call_id", "tags") and getattr(details, name) != getattr(NO_DETAILS, name):
            said[name] = getattr(details, name)
    return replace(before, **said, tags={**before.tags, **details.tags})


def _unchanged(item: SourceItem, seen: SeenFile) -> bool:
    """Neither the bytes nor what the source says about them."""
    now = (item.size_bytes, item.version, details_digest(item.details))
    return (seen.size_bytes, seen.version, seen.details_digest) == now


def _seen(item: SourceItem, recording_id: str) -> SeenFile:
    return SeenFile(
        uri=item.uri,
        size_bytes=item.size_bytes,
        version=item.version,
        details_digest=details_digest(item.details),
        recording_id=recording_id,
    )


def details_digest(details: CallDetails) -> str:
    """Identity of what a source says about a file, `""` for nothing."""
    started_at = details.started_at
    if started_at is None and details == NO_DETAILS:
        return ""
    return _digest((*_fields(details), started_at.isoformat() if started_at else None))
