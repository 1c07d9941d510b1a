"""What was hidden in a call, and the raw class behind it: sealed, and read only with a reason."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, Protocol

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person, require, scope_of
from qa.audit import AuditAction
from qa.crypto import Keyring, Sealed, load_keyring
from qa.errors import AccessDeniedError, NotFoundError, SettingsError, StoreError
from qa.privacy.audio import AudioSpan, joined
from qa.privacy.found import TYPES
from qa.privacy.tags import redact_tags
from qa.privacy.transcripts import VERSION, Policy, Redacted, redact_transcript
from qa.settings import PrivacySettings
from qa.store.database import Database
from qa.store.tables import agents, calls, raw_transcripts, redactions, transcripts
from qa.transcript import Transcript

_LEAST_REASON = 5


class Witness(Protocol):
    """Where accesses are written down; `store.audit`."""

    def append(self, person: Person, action: str, subject: str, **details: Any) -> Any:
        """Add an event."""


class Privacy:
    """The one gate between what was said and what is stored.

    Args:
        database: The store's.
        settings: What to hide and to keep.
        allowed: Names never hidden, beside those of the settings (the company's).
    """

    def __init__(
        self, database: Database, settings: PrivacySettings, allowed: Collection[str] = ()
    ) -> None:
        self._database = database
        self._settings = settings
        self._allowed = frozenset({*settings.shown_names, *allowed})
        self._keys: Keyring | None = None
        self.witness: Witness | None = None
        if unknown := set(settings.never_keep) - set(TYPES):
            raise SettingsError(
                f"{min(unknown)!r} is no type of personal data",
                "privacy.never_keep",
                f"use {', '.join(TYPES)}",
            )

    @property
    def keyring(self) -> Keyring:
        """The site's keys, read when first needed."""
        if self._keys is None:
            self._keys = load_keyring(self._settings.key_file)
        return self._keys

    def redacted(self, transcript: Transcript) -> Redacted:
        """The transcript as it may be stored, under the site's policy."""
        if not self._settings.redact:
            return Redacted(transcript=transcript, raw=transcript)
        allowed = set(self._allowed)
        keep = self._settings.agent_names == "keep"
        if keep:
            with self._database.reading() as connection:
                allowed |= _names_of_agent(connection, transcript.call_id)
        policy = Policy(
            keep_agent_names=keep,
            allowed=frozenset(allowed | {name.lower() for name in allowed}),
            never_keep=frozenset(self._settings.never_keep),
            margin_ms=self._settings.margin_ms,
        )
        return redact_transcript(transcript, policy)

    def tags(self, tags: Mapping[str, str]) -> dict[str, str]:
        """A call's tags as they may be stored."""
        return redact_tags(tags) if self._settings.redact else dict(tags)

    def keep(self, connection: sa.Connection, transcript_id: int, redacted: Redacted) -> None:
        """Write down what was hidden, and seal the raw text where the policy keeps it."""
        if not self._settings.redact:
            return
        call_id = redacted.transcript.call_id
        row = {
            "transcript_id": transcript_id,
            "call_id": call_id,
            "version": VERSION,
            "sound": json.dumps([[s.start_ms, s.end_ms, s.speaker] for s in redacted.sound]),
            "counts": json.dumps(dict(redacted.counts), sort_keys=True),
            "created_at": self._database.now(),
        }
        connection.execute(sa.insert(redactions), row)
        keep = self._settings.keep_raw
        if redacted.again or keep == "never" or not (self.keyring or keep == "always"):
            return
        content = codec.to_json(redacted.raw).encode()
        sealed = self.keyring.seal(content, bound_to=_bound(call_id))
        connection.execute(
            sa.insert(raw_transcripts),
            {
                "transcript_id": transcript_id,
                "call_id": call_id,
                "created_at": self._database.now(),
                **_columns(sealed),
            },
        )

    def sound(self, call_id: str) -> tuple[AudioSpan, ...] | None:
        """Stretches of the recording to silence when it is played; None when nobody looked.

        What one transcript of the call hides stays silent when a later one hears or says less.
        """
        query = sa.select(redactions.c.sound).where(redactions.c.call_id == call_id)
        with self._database.reading() as connection:
            found = list(connection.scalars(query))
        if not found:
            return None
        return joined(
            AudioSpan(start_ms=start, end_ms=end, speaker=speaker)
            for text in found
            for start, end, speaker in json.loads(text)
        )

    def counts(self, call_id: str) -> Mapping[str, int] | None:
        """How many pieces of each type are hidden in a call; None when nobody looked."""
        row = self._newest(redactions, call_id)
        return None if row is None else json.loads(row.counts)

    def raw_transcript(self, call_id: str, person: Person, *, reason: str) -> Transcript:
        """What was really said. The access is an audit event, written before anything is returned.

        Raises:
            AccessDeniedError: No right to raw text, or not to this call's.
            SettingsError: No reason given.
            NotFoundError: The raw text is not kept, or deleted already.
            StoreError: The key is not here, or the access cannot be written down.
        """
        self.witness_access(call_id, person, reason=reason, what="raw_text")
        row = self._newest(raw_transcripts, call_id)
        if row is None:
            raise NotFoundError(
                f"the raw text of call {call_id!r} is not kept",
                "privacy.keep_raw",
                "set a key (`qa privacy key FILE`) before the night, or hear the recording",
            )
        content = self.keyring.open(_sealed(row), bound_to=_bound(call_id))
        return codec.from_json(Transcript, content, place=f"raw text of call {call_id}")

    def witness_access(self, call_id: str, person: Person, *, reason: str, what: str) -> None:
        """Check the right to the raw class of a call and write the access down.

        Raises:
            AccessDeniedError, SettingsError, StoreError: As for `raw_transcript`.
        """
        require(person, Action.READ_RAW)
        with self._database.reading() as connection:
            query = sa.select(calls.c.agent_id, calls.c.team).where(calls.c.id == call_id)
            row = connection.execute(query).first()
        scope = scope_of(person, Action.READ_RAW)
        if row is None or not scope.covers(agent_id=row.agent_id, team=row.team):
            raise AccessDeniedError("no such call for this person", "read_raw", "ask a QA lead")
        if len(reason.strip()) < _LEAST_REASON:
            raise SettingsError(
                "raw data is read for a reason", "reason", "say in some words why it is needed"
            )
        if self.witness is None:
            raise StoreError(
                "accesses to raw data cannot be written down here", "audit", "open the whole store"
            )
        self.witness.append(
            person, AuditAction.RAW_ACCESS, call_id, reason=reason.strip(), what=what
        )

    def rewrap(self) -> int:
        """Put every raw text under the current key; plain ones are sealed. Returns how many.

        Raises:
            StoreError: A key that sealed one of them is not here; nothing is changed then.
        """
        if not self.keyring:
            raise StoreError("there is no key", "privacy", "make one with `qa privacy key FILE`")
        old = sa.select(raw_transcripts).where(raw_transcripts.c.key_id != self.keyring.current_id)
        with self._database.writing() as connection:
            rows = connection.execute(old).all()
            for row in rows:
                sealed = self.keyring.rewrap(_sealed(row), bound_to=_bound(row.call_id))
                mine = raw_transcripts.c.transcript_id == row.transcript_id
                connection.execute(sa.update(raw_transcripts).where(mine), _columns(sealed))
        return len(rows)

    def _newest(self, table: sa.Table, call_id: str) -> Any:
        """The row of the current transcript, else (a person corrected it) of the one before."""
        query = (
            sa.select(table)
            .join(transcripts, transcripts.c.id == table.c.transcript_id)
            .where(transcripts.c.call_id == call_id)
            .order_by(transcripts.c.is_current.desc(), transcripts.c.id.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            return connection.execute(query).first()


def _names_of_agent(connection: sa.Connection, call_id: str) -> set[str]:
    query = (
        sa.select(agents.c.name)
        .join(calls, calls.c.agent_id == agents.c.agent_id)
        .where(calls.c.id == call_id)
    )
    names = {name for name in connection.scalars(query) if name}
    return names | {part for name in names for part in name.split() if len(part) > 1}


def _bound(call_id: str) -> str:
    return f"raw transcript of {call_id}"


def _columns(sealed: Sealed) -> dict[str, Any]:
    return {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key, "body": sealed.body}


def _sealed(row: Any) -> Sealed:
    return Sealed(key_id=row.key_id, wrapped_key=row.wrapped_key, body=row.body)
