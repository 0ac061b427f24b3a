"""Deliveries: the first of a webhook that is due, and those that are over, by the time they began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_OVER = sa.text("next_at IS NULL")


def upgrade() -> None:
    op.drop_index("webhook_deliveries_due", "webhook_deliveries")
    op.create_index("webhook_deliveries_due", "webhook_deliveries", ["webhook_id", "next_at", "id"])
    op.create_index(
        "webhook_deliveries_over",
        "webhook_deliveries",
        ["created_at"],
        sqlite_where=_OVER,
        postgresql_where=_OVER,
    )
