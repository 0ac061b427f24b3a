"""Runs migrations on the connection that `schema.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from pytest_opswald.server.database import replay_tables, tables

assert replay_tables.replays.metadata is tables.metadata  # imported, or they would be missing

# Batches, because SQLite cannot alter a column in place.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
