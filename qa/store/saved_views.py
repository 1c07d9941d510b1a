"""Filters that people have named for themselves."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from qa.access import Person
from qa.errors import ReviewError
from qa.store.database import Database
from qa.store.tables import saved_views

_MOST = 30
_LONGEST = 60


class SavedViews:
    """Per person and page: name → values of the filters, plain JSON."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person: Person, page: str) -> dict[str, dict[str, Any]]:
        """The person's own views of a page, by name."""
        mine = (saved_views.c.user_id == person.user_id) & (saved_views.c.page == page)
        query = sa.select(saved_views.c.name, saved_views.c.body).where(mine)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(saved_views.c.name))
            return {row.name: json.loads(row.body) for row in rows}

    def save(self, person: Person, page: str, name: str, values: dict[str, Any]) -> str:
        """Keep the values under a name, and return it; an older view of that name is replaced.

        Raises:
            ReviewError: No name, a long one, or more views than anybody can choose from.
        """
        name = name.strip()
        if not 0 < len(name) <= _LONGEST:
            raise ReviewError("the view needs a short name", page, f"1 to {_LONGEST} characters")
        known = self.of(person, page)
        if name not in known and len(known) >= _MOST:
            raise ReviewError(f"there are {_MOST} views already", page, "remove one first")
        row = {
            "user_id": person.user_id,
            "page": page,
            "name": name,
            "body": json.dumps(values, ensure_ascii=False, sort_keys=True),
            "saved_at": self._database.now(),
        }
        keep = self._database.upsert(
            saved_views, keys=("user_id", "page", "name"), update=("body", "saved_at")
        )
        with self._database.writing() as connection:
            connection.execute(keep, row)
        return name

    def remove(self, person: Person, page: str, name: str) -> None:
        """Forget an own view; nothing happens where there is none."""
        c = saved_views.c
        mine = (c.user_id == person.user_id) & (c.page == page) & (c.name == name)
        with self._database.writing() as connection:
            connection.execute(sa.delete(saved_views).where(mine))
