"""An index for the traces that go on, and none for what payloads say themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_RUNNING = sa.text("status = 'running'")


def upgrade() -> None:
    op.create_index(
        "traces_running",
        "traces",
        ["project_id", "session_id", "started_at"],
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.drop_index("payload_heads_by_holder", "payload_heads")
