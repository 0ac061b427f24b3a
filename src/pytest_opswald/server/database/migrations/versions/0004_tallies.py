"""Tallies by day; models and tags of traces in the order in which the traces started."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_DAY = "(started_at + 62135683200000000) / 86400000000"
"""As `date.toordinal` numbers days."""
_COST = "sum(cost / 10000000000), sum(cost % 10000000000)"
_WHOLE = f"count(*), 0, {_COST}, sum(tokens_in + tokens_out)"
_ALONE = "count(*), 0, 0, 0, 0"
_COUNTED = (
    f"SELECT project_id, 1, '', {_DAY}, 0, {_WHOLE} FROM traces GROUP BY 1, 4",
    f"SELECT project_id, 2, user_id, {_DAY}, 0, {_WHOLE} FROM traces"
    " WHERE user_id IS NOT NULL GROUP BY 1, 3, 4",
    f"SELECT project_id, 3, status, {_DAY}, 0, {_ALONE} FROM traces GROUP BY 1, 3, 4",
    f"SELECT project_id, 4, CASE WHEN errors > 0 THEN 'true' ELSE 'false' END, {_DAY}, 0, {_ALONE}"
    " FROM traces GROUP BY 1, 3, 4",
    f"SELECT project_id, 5, model, {_DAY}, 0, count(*), sum(calls), {_COST}, 0"
    " FROM trace_models GROUP BY 1, 3, 4",
    f"SELECT project_id, 6, tag, {_DAY}, 0, {_ALONE} FROM trace_tags GROUP BY 1, 3, 4",
)


def upgrade() -> None:
    _rebuild(
        "trace_models",
        "model",
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
    )
    _rebuild("trace_tags", "tag")
    op.drop_index("traces_by_user", "traces")
    op.create_index("traces_by_user", "traces", ["project_id", "user_id", "started_at", "id"])
    op.create_index("traces_by_status", "traces", ["project_id", "status", "started_at", "id"])
    op.create_index(
        "traces_failed",
        "traces",
        ["project_id", "started_at", "id"],
        sqlite_where=sa.text("errors > 0"),
        postgresql_where=sa.text("errors > 0"),
    )
    op.create_table(
        "tallies",
        sa.Column("project_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("shard", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("traces", sa.BigInteger(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("usd", sa.BigInteger(), nullable=False),
        sa.Column("rest", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("tallies_by_day", "tallies", ["project_id", "kind", "day"])
    for counted in _COUNTED:
        op.execute(f"INSERT INTO tallies {counted}")


def _rebuild(table: str, name: str, *more: sa.Column[int]) -> None:
    """Its rows know when their trace started, and lie together by trace."""
    op.create_table(
        f"{table}_new",
        sa.Column("project_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("trace_pk", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column(name, sa.Text(), primary_key=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        *more,
        sqlite_with_rowid=False,
    )
    its = "".join(f", {table}.{column.name}" for column in more)
    op.execute(
        f"INSERT INTO {table}_new SELECT {table}.project_id, trace_pk, {name}, started_at{its}"
        f" FROM {table} JOIN traces ON traces.pk = trace_pk"
    )
    op.drop_table(table)
    op.rename_table(f"{table}_new", table)
    if op.get_context().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {table}_new_pkey RENAME TO {table}_pkey")
    columns = ["project_id", name, "started_at", "trace_pk"]
    op.create_index(f"{table}_by_start", table, columns)
