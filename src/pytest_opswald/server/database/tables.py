"""All tables. Every one begins with `project_id`: nothing is asked without it.

Times are microseconds since 1970, money is in units of 10^-10 USD (see `units`). Documents that
nobody searches are JSON in bytes. Steps are skeletons, one narrow row each; what was said in them
is in `payloads`, and the messages that many steps repeat are in `msg_chain` and `blobs`, once.
What lists count and analytics sum is in `tallies`, by day, and changes with what it is the sum of.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata = MetaData()
RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in an INTEGER."""

projects = Table(
    "projects",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("hash_key", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False, unique=True),
    Column("shown", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
)

sessions = Table(
    "sessions",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("user_id", Text),
    Column("started_at", BigInteger, nullable=False),
    Column("last_activity", BigInteger, nullable=False),
    Column("heard_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("sessions_by_activity", "project_id", "last_activity", "id"),
)

traces = Table(
    "traces",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("pk", RowNumber, primary_key=True),
    Column("id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("user_id", Text),
    Column("name", Text),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("status", Text, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("errors", Integer, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("tokens_in", BigInteger, nullable=False),
    Column("tokens_out", BigInteger, nullable=False),
    Column("models", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Index("traces_by_id", "project_id", "id", unique=True),
    Index("traces_by_start", "project_id", "started_at", "id"),
    Index("traces_by_session", "project_id", "session_id", "started_at"),
    Index("traces_by_user", "project_id", "user_id", "started_at", "id"),
    Index("traces_by_status", "project_id", "status", "started_at", "id"),
    Index(
        "traces_running",
        "project_id",
        "session_id",
        "started_at",
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
    Index(
        "traces_failed",
        "project_id",
        "started_at",
        "id",
        sqlite_where=text("errors > 0"),
        postgresql_where=text("errors > 0"),
    ),
)

trace_models = Table(
    "trace_models",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("trace_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("model", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Index("trace_models_by_start", "project_id", "model", "started_at", "trace_pk"),
    sqlite_with_rowid=False,
)

trace_tags = Table(
    "trace_tags",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("trace_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("tag", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Index("trace_tags_by_start", "project_id", "tag", "started_at", "trace_pk"),
    sqlite_with_rowid=False,
)

tallies = Table(
    "tallies",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("traces", BigInteger, nullable=False),
    Column("calls", BigInteger, nullable=False),
    Column("usd", BigInteger, nullable=False),
    Column("rest", BigInteger, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Index("tallies_by_day", "project_id", "kind", "day"),
    sqlite_with_rowid=False,
)

steps = Table(
    "steps",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("trace_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("model", Text),
    Column("tokens_in", BigInteger),
    Column("tokens_out", BigInteger),
    Column("cost", BigInteger, nullable=False),
    Column("cost_estimated", Boolean, nullable=False),
    Column("failed", Boolean, nullable=False),
    Column("name", Text),
    Column("agent", Text),
    Column("span_id", Text),
    Column("parent_span_id", Text),
    Column("event_id", Text),
    Column("received_at", BigInteger),
    Index(
        "steps_by_event",
        "project_id",
        "event_id",
        unique=True,
        sqlite_where=text("event_id IS NOT NULL"),
        postgresql_where=text("event_id IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)

payloads = Table(
    "payloads",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("holder", SmallInteger, primary_key=True, autoincrement=False),
    Column("holder_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

payload_heads = Table(
    "payload_heads",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("head", LargeBinary, primary_key=True),
    Column("holder", SmallInteger, primary_key=True, autoincrement=False),
    Column("holder_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

msg_chain = Table(
    "msg_chain",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("prev", LargeBinary),
    Column("message", LargeBinary, nullable=False),
    Index("msg_chain_by_prev", "project_id", "prev"),
    Index("msg_chain_by_message", "project_id", "message"),
    sqlite_with_rowid=False,
)

blobs = Table(
    "blobs",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("seq", RowNumber, primary_key=True),
    Column("event", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("previous_secret", Text),
    Column("previous_until", BigInteger),
    Column("active", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("webhooks_by_creation", "project_id", "created_at", "id"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("id", Text, primary_key=True),
    Column("webhook_id", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", BigInteger),
    Column("leased_until", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("response_code", Integer),
    Column("answer", LargeBinary),
    Column("problem", Text),
    Column("duration_ms", BigInteger),
    Index("webhook_deliveries_due", "webhook_id", "next_at", "id"),
    Index(
        "webhook_deliveries_over",
        "created_at",
        sqlite_where=text("next_at IS NULL"),
        postgresql_where=text("next_at IS NULL"),
    ),
    Index("webhook_deliveries_by_webhook", "project_id", "webhook_id", "created_at", "id"),
)

audit = Table(
    "audit",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("seq", RowNumber, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
