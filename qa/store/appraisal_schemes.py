"""Appraisal schemes: every edit is a new version, so that old periods keep theirs."""

from __future__ import annotations

import sqlalchemy as sa

from qa import codec
from qa.access import Action, Person, require
from qa.errors import NotFoundError
from qa.people.appraisal.scheme import SERVICE_MANUAL, Scheme, require_sound
from qa.store.database import Database
from qa.store.tables import appraisal_schemes


class Schemes:
    """Saving and loading schemes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, person: Person, scheme: Scheme) -> int:
        """Keep a scheme as a new version; returns its id.

        Raises:
            AccessDeniedError: The person may not.
            SettingsError: The scheme has faults.
        """
        require(person, Action.APPRAISE)
        require_sound(scheme)
        with self._database.writing() as connection:
            newest = sa.select(sa.func.max(appraisal_schemes.c.version))
            version = connection.scalar(newest.where(appraisal_schemes.c.name == scheme.name)) or 0
            row = {
                "name": scheme.name, "version": version + 1, "body": codec.to_json(scheme),
                "made_by": person.user_id, "made_at": self._database.now(),
            }  # fmt: skip
            insert = sa.insert(appraisal_schemes).returning(appraisal_schemes.c.id)
            return connection.scalars(insert, row).one()

    def get(self, scheme_id: int) -> Scheme:
        """A stored scheme.

        Raises:
            NotFoundError: There is none.
        """
        query = sa.select(appraisal_schemes.c.body).where(appraisal_schemes.c.id == scheme_id)
        with self._database.reading() as connection:
            body = connection.scalar(query)
        if body is None:
            raise NotFoundError(f"no scheme {scheme_id}", "appraisal", "save one first")
        return codec.from_json(Scheme, body, place=f"scheme {scheme_id}")

    def newest(self) -> tuple[int, Scheme]:
        """The scheme saved last, with its id; (0, the service manual's) when there is none."""
        query = sa.select(sa.func.max(appraisal_schemes.c.id))
        with self._database.reading() as connection:
            newest = connection.scalar(query)
        return (newest, self.get(newest)) if newest else (0, SERVICE_MANUAL)
