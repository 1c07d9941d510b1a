"""Schema revisions and the environment that Alembic runs them in."""
