"""Runs migrations on the connection that `schema.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from pytest_opswald.server.database.tables import metadata

# Batches, because SQLite cannot alter a column in place.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
