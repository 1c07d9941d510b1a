"""Discovered topics. A new discovery replaces the last one; topics that live on keep their id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from qa import codec
from qa.access import SYSTEM, Action, Person, require
from qa.errors import NotFoundError
from qa.insight.topics import StoredTopic, Topic
from qa.store.database import Database
from qa.store.tables import topic_calls, topics

#: Share of calls in common (Jaccard) from which a topic is the old one under a new label.
SAME_TOPIC = 0.3


class Topics:
    """Topics and the calls they were made of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, found: Sequence[Topic], weeks: Mapping[str, str]) -> None:
        """Make these the topics.

        Args:
            found: Result of a discovery; ids and names people gave go to the topics that hold
                mostly the same calls.
            weeks: Call id → ISO week.
        """
        with self._database.writing() as connection:
            known = {one.id: one for one in self._read(connection)}
            kept = _matched(found, list(known.values()))
            connection.execute(sa.delete(topic_calls))
            connection.execute(sa.delete(topics))
            for topic in sorted(found, key=lambda one: one.label not in kept):
                row: dict[str, Any] = {
                    "size": topic.size,
                    "body": codec.to_json(topic),
                    "made_at": self._database.now(),
                }
                if (old := kept.get(topic.label)) is not None:
                    row |= {"id": old, "title": known[old].title}
                else:
                    row |= {"id": self._next(connection, known)}
                connection.execute(sa.insert(topics), row)
                members = [
                    {"topic_id": row["id"], "call_id": name, "week": weeks.get(name, "")}
                    for name in topic.call_ids
                ]
                if members:
                    connection.execute(sa.insert(topic_calls), members)

    def _next(self, connection: sa.Connection, known: Mapping[int, StoredTopic]) -> int:
        """An id no topic had before this discovery either."""
        newest = connection.scalar(sa.select(sa.func.max(topics.c.id))) or 0
        return max(newest, *known, 0) + 1

    def all(self, *, person: Person = SYSTEM) -> list[StoredTopic]:
        """Topics, the largest first.

        Raises:
            AccessDeniedError: The person may not read topics.
        """
        require(person, Action.READ_TOPICS)
        with self._database.reading() as connection:
            return self._read(connection)

    def rename(self, topic_id: int, title: str, *, person: Person) -> None:
        """Give a topic a name of its own.

        Raises:
            AccessDeniedError: The person may not read topics.
            NotFoundError: No such topic.
        """
        require(person, Action.READ_TOPICS)
        change = sa.update(topics).where(topics.c.id == topic_id)
        with self._database.writing() as connection:
            if connection.execute(change, {"title": title.strip()[:200]}).rowcount != 1:
                raise NotFoundError(f"no topic {topic_id}", "topics", "reload the page")

    def of_call(self, call_id: str) -> list[int]:
        """Ids of the topics a call is in."""
        query = sa.select(topic_calls.c.topic_id).where(topic_calls.c.call_id == call_id)
        with self._database.reading() as connection:
            return sorted(connection.scalars(query))

    def _read(self, connection: sa.Connection) -> list[StoredTopic]:
        query = sa.select(topics).order_by(topics.c.size.desc(), topics.c.id)
        return [
            StoredTopic(
                id=row.id,
                title=row.title,
                topic=codec.from_json(Topic, row.body, place=f"topic {row.id}"),
            )
            for row in connection.execute(query)
        ]


def _matched(found: Sequence[Topic], known: Sequence[StoredTopic]) -> dict[str, int]:
    """Label of a new topic → id of the old one it goes on with; the largest share first."""
    pairs = sorted(
        ((_overlap(new, old.topic), new.label, old.id) for new in found for old in known),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    kept: dict[str, int] = {}
    for share, label, old in pairs:
        if share >= SAME_TOPIC and label not in kept and old not in kept.values():
            kept[label] = old
    return kept


def _overlap(one: Topic, other: Topic) -> float:
    left, right = set(one.call_ids), set(other.call_ids)
    return len(left & right) / max(1, len(left | right))
