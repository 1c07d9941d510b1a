"""Agents over time, and the site's own settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from qa.store.database import Database
from qa.store.tables import agents, site_settings
from qa.store.values import Agent


class Roster:
    """Who worked where, when."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, rows: Sequence[Agent]) -> None:
        """Enter or correct roster rows, by agent and `valid_from`."""
        names = [name for name in Agent.__slots__ if name not in ("agent_id", "valid_from")]
        statement = self._database.upsert(agents, keys=("agent_id", "valid_from"), update=names)
        with self._database.writing() as connection:
            if rows:
                connection.execute(statement, [asdict(row) for row in rows])

    def all(self) -> list[Agent]:
        """Every row, by agent and date."""
        query = sa.select(agents).order_by(agents.c.agent_id, agents.c.valid_from)
        with self._database.reading() as connection:
            return [Agent(**row) for row in connection.execute(query).mappings()]

    def at(self, agent_id: str, day: date) -> Agent | None:
        """The agent's row that was valid on a day, or None."""
        query = (
            sa.select(agents)
            .where(
                agents.c.agent_id == agent_id,
                agents.c.valid_from <= day,
                sa.or_(agents.c.valid_to.is_(None), agents.c.valid_to > day),
            )
            .order_by(agents.c.valid_from.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return Agent(**row) if row is not None else None


class SiteSettings:
    """Small facts that belong to the store: JSON values by key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, else `default`."""
        query = sa.select(site_settings.c.value).where(site_settings.c.key == key)
        with self._database.reading() as connection:
            text = connection.scalar(query)
        return default if text is None else json.loads(text)

    def set(self, key: str, value: Any) -> None:
        """Store a JSON value."""
        row = {
            "key": key,
            "value": json.dumps(value, ensure_ascii=False, sort_keys=True),
            "updated_at": self._database.now(),
        }
        statement = self._database.upsert(
            site_settings, keys=("key",), update=("value", "updated_at")
        )
        with self._database.writing() as connection:
            connection.execute(statement, row)
