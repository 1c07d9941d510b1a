"""Enrolled voices: saved with the consent they rest on, listed without the vector, deleted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from qa.errors import NotFoundError, StoreError
from qa.store.database import Database
from qa.store.tables import voiceprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiceprint:
    """What an agent's voice is like.

    Attributes:
        embedding: Unit-length vector of the voice model.
        model: Name and digest of that model; vectors of another are not comparable.
        consent: What the agent agreed to, where and when it is kept. Never empty.
        call_count: Confirmed calls it was made from; `speech_ms`: the agent's speech in them.
        made_at: When it was enrolled; None before it is saved.
    """

    agent_id: str
    embedding: tuple[float, ...]
    model: str
    consent: str
    call_count: int
    speech_ms: int
    made_by: str
    made_at: datetime | None = None


class Voiceprints:
    """Voices of agents who agreed to it, one each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, print_: Voiceprint) -> None:
        """Enrol a voice, or replace the agent's former one.

        Raises:
            StoreError: Nothing is said about consent.
        """
        if not print_.consent.strip():
            raise StoreError(
                "a voiceprint needs the agent's consent",
                f"agent {print_.agent_id}",
                "say what was agreed, when, and where it is kept",
            )
        row = {name: getattr(print_, name) for name in Voiceprint.__slots__}
        row |= {
            "embedding": json.dumps([round(value, 6) for value in print_.embedding]),
            "made_at": self._database.now(),
        }
        others = [name for name in row if name != "agent_id"]
        with self._database.writing() as connection:
            connection.execute(
                self._database.upsert(voiceprints, keys=("agent_id",), update=others), row
            )

    def get(self, agent_id: str) -> Voiceprint | None:
        """The voice of an agent, or None."""
        query = sa.select(voiceprints).where(voiceprints.c.agent_id == agent_id)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return _to_voiceprint(row) if row is not None else None

    def all(self) -> list[Voiceprint]:
        """Every enrolled voice, by agent."""
        query = sa.select(voiceprints).order_by(voiceprints.c.agent_id)
        with self._database.reading() as connection:
            return [_to_voiceprint(row) for row in connection.execute(query).mappings()]

    def delete(self, agent_id: str) -> None:
        """Forget a voice.

        Raises:
            NotFoundError: The agent has none.
        """
        chosen = sa.delete(voiceprints).where(voiceprints.c.agent_id == agent_id)
        with self._database.writing() as connection:
            if connection.execute(chosen).rowcount != 1:
                raise NotFoundError(
                    f"no voiceprint of agent {agent_id!r}",
                    self._database.place,
                    "see `qa voiceprints list`",
                )


def _to_voiceprint(row: Any) -> Voiceprint:
    return Voiceprint(**{**row, "embedding": tuple(json.loads(row["embedding"]))})
