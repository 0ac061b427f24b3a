"""Golden tests, their runs, and replays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

RowNumber = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "snapshots",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("pk", RowNumber, primary_key=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "golden_tests",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("pk", RowNumber, primary_key=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("snapshot_pk", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("expected_outcome", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
    op.create_index("golden_tests_by_id", "golden_tests", ["project_id", "id"], unique=True)
    op.create_index("golden_tests_by_name", "golden_tests", ["project_id", "name"], unique=True)
    op.create_index("golden_tests_by_creation", "golden_tests", ["project_id", "created_at", "id"])
    op.create_index("golden_tests_by_trace", "golden_tests", ["project_id", "trace_id"])
    op.create_index("golden_tests_by_snapshot", "golden_tests", ["project_id", "snapshot_pk"])
    op.create_table(
        "golden_test_tags",
        sa.Column("project_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("tag", sa.Text(), primary_key=True),
        sa.Column("test_pk", sa.BigInteger(), primary_key=True, autoincrement=False),
    )
    op.create_index("golden_test_tags_by_test", "golden_test_tags", ["project_id", "test_pk"])
    op.create_table(
        "golden_runs",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("pk", RowNumber, primary_key=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("modifications", sa.LargeBinary(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("golden_runs_by_id", "golden_runs", ["project_id", "id"], unique=True)
    op.create_index("golden_runs_by_start", "golden_runs", ["project_id", "started_at", "id"])
    op.create_table(
        "golden_results",
        sa.Column("project_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("run_pk", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("test_id", sa.Text(), primary_key=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("replay_id", sa.Text(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_index("golden_results_by_test", "golden_results", ["project_id", "test_id", "run_pk"])
    op.create_table(
        "replays",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("pk", RowNumber, primary_key=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.Text(), nullable=False),
        sa.Column("snapshot_pk", sa.BigInteger(), nullable=False),
        sa.Column("run_pk", sa.BigInteger(), nullable=True),
        sa.Column("test_id", sa.Text(), nullable=True),
        sa.Column("expected", sa.LargeBinary(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("fidelity", sa.Text(), nullable=False),
        sa.Column("modifications", sa.LargeBinary(), nullable=False),
        sa.Column("fork_from_step", sa.Integer(), nullable=True),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("total_steps", sa.Integer(), nullable=False),
        sa.Column("current_step", sa.Integer(), nullable=False),
        sa.Column("goal_step", sa.Integer(), nullable=False),
        sa.Column("pause_at_step", sa.Integer(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
    )
    op.create_index("replays_by_id", "replays", ["project_id", "id"], unique=True)
    op.create_index("replays_by_start", "replays", ["project_id", "started_at", "id"])
    op.create_index("replays_by_trace", "replays", ["project_id", "trace_id"])
    op.create_index("replays_by_run", "replays", ["project_id", "run_pk"])
    op.create_index("replays_by_snapshot", "replays", ["project_id", "snapshot_pk"])
    op.create_index("replays_due", "replays", ["due_at"])
    op.create_index("replays_by_owner", "replays", ["owner"])
    op.create_table(
        "replay_answers",
        sa.Column("project_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("replay_pk", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
    )
    op.create_index("replay_answers_by_time", "replay_answers", ["project_id", "at"])
