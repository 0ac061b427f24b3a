"""Tables of golden tests, their runs, and replays; units as in `tables`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, Table, Text

from .tables import RowNumber, metadata

snapshots = Table(
    "snapshots",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("pk", RowNumber, primary_key=True),
    Column("steps", Integer, nullable=False),
    Column("cost", BigInteger, nullable=False),
)

golden_tests = Table(
    "golden_tests",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("pk", RowNumber, primary_key=True),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("trace_id", Text, nullable=False),
    Column("snapshot_pk", BigInteger, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("expected_outcome", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("golden_tests_by_id", "project_id", "id", unique=True),
    Index("golden_tests_by_name", "project_id", "name", unique=True),
    Index("golden_tests_by_creation", "project_id", "created_at", "id"),
    Index("golden_tests_by_trace", "project_id", "trace_id"),
    Index("golden_tests_by_snapshot", "project_id", "snapshot_pk"),
)

golden_test_tags = Table(
    "golden_test_tags",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("tag", Text, primary_key=True),
    Column("test_pk", BigInteger, primary_key=True, autoincrement=False),
    Index("golden_test_tags_by_test", "project_id", "test_pk"),
)

golden_runs = Table(
    "golden_runs",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("pk", RowNumber, primary_key=True),
    Column("id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("executor", Text, nullable=False),
    Column("modifications", LargeBinary, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Index("golden_runs_by_id", "project_id", "id", unique=True),
    Index("golden_runs_by_start", "project_id", "started_at", "id"),
)

golden_results = Table(
    "golden_results",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("run_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("test_id", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("replay_id", Text),
    Column("cost", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("golden_results_by_test", "project_id", "test_id", "run_pk"),
)

replays = Table(
    "replays",
    metadata,
    Column("project_id", Integer, nullable=False),
    Column("pk", RowNumber, primary_key=True),
    Column("id", Text, nullable=False),
    Column("trace_id", Text, nullable=False),
    Column("snapshot_pk", BigInteger, nullable=False),
    Column("run_pk", BigInteger),
    Column("test_id", Text),
    Column("expected", LargeBinary),
    Column("mode", Text, nullable=False),
    Column("executor", Text, nullable=False),
    Column("fidelity", Text, nullable=False),
    Column("modifications", LargeBinary, nullable=False),
    Column("fork_from_step", Integer),
    Column("speed", Double, nullable=False),
    Column("status", Text, nullable=False),
    Column("total_steps", Integer, nullable=False),
    Column("current_step", Integer, nullable=False),
    Column("goal_step", Integer, nullable=False),
    Column("pause_at_step", Integer),
    Column("epoch", Integer, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("begun_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("result", LargeBinary),
    Column("error", LargeBinary),
    Column("due_at", BigInteger),
    Column("owner", Text),
    Column("leased_until", BigInteger, nullable=False),
    Index("replays_by_id", "project_id", "id", unique=True),
    Index("replays_by_start", "project_id", "started_at", "id"),
    Index("replays_by_trace", "project_id", "trace_id"),
    Index("replays_by_run", "project_id", "run_pk"),
    Index("replays_by_snapshot", "project_id", "snapshot_pk"),
    Index("replays_due", "due_at"),
    Index("replays_by_owner", "owner"),
)

replay_answers = Table(
    "replay_answers",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("replay_pk", BigInteger, primary_key=True, autoincrement=False),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("step", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("dropped", Boolean, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("data", LargeBinary),
)

spending = Table(
    "spending",
    metadata,
    Column("project_id", Integer, primary_key=True, autoincrement=False),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("cost", BigInteger, nullable=False),
)
