"""What live calls cost, by minute, apart from the replays that they were made for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KNOWN = (
    "INSERT INTO spending SELECT project_id, at - at % 60000000, sum(cost)"
    " FROM replay_answers WHERE cost > 0 GROUP BY 1, 2"
)


def upgrade() -> None:
    op.create_table(
        "spending",
        sa.Column("project_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("minute", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
    )
    op.execute(_KNOWN)
    op.drop_index("replay_answers_by_time", "replay_answers")
    op.drop_column("replay_answers", "at")
