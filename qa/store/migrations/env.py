"""Run by Alembic with the open connection of `qa.store.migrate`; there is no ini file."""

from __future__ import annotations

from alembic import context

from qa.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
# The caller holds the transaction, so that a failed upgrade leaves the store as it was.
context.run_migrations()
