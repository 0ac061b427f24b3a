"""Snapshots: the steps of a trace as they were when somebody began to rely on them.

Golden tests and replays hold them, so that neither a deleted trace nor a replaced one changes what
they mean. What was said in the steps is stored once for the trace and all of its snapshots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pytest_opswald.api.steps import Step
from pytest_opswald.server.database.replay_tables import golden_tests, replays, snapshots

from . import payloads
from .payloads import Holder, Prepared
from .projects import Project


@dataclass(frozen=True, slots=True)
class Taken:
    """A snapshot ready to be stored."""

    steps: int
    cost: int
    """Of the whole trace."""
    payloads: Prepared


def taken(project: Project, steps: Sequence[Step], cost: int) -> Taken:
    """Hashed and compressed before anybody waits to write."""
    said = [step.model_dump(mode="json", exclude_none=True) for step in steps]
    return Taken(len(said), cost, payloads.prepared(said, project))


def kept(connection: Connection, project: Project, new: Taken) -> int:
    """Store it; its number."""
    row = {"project_id": project.id, "steps": new.steps, "cost": new.cost}
    made = connection.execute(insert(snapshots).values(row).returning(snapshots.c.pk))
    pk: int = made.scalar_one()
    payloads.keep(connection, project, Holder.SNAPSHOT, pk, new.payloads)
    return pk


def opened(connection: Connection, project: Project, pk: int) -> tuple[Step, ...]:
    """Its steps, in order."""
    said = payloads.read(connection, project, Holder.SNAPSHOT, pk)
    return tuple(Step.model_validate(each) for each in said.values())


def duration_ms(connection: Connection, project: Project, pk: int, step: int) -> int:
    """How long one of its steps took."""
    said = payloads.read(connection, project, Holder.SNAPSHOT, pk, numbers=[step])
    return Step.model_validate(said[step]).duration_ms


def cost(connection: Connection, project: Project, pk: int) -> int:
    """Of the trace it was taken of."""
    found: int = connection.execute(
        select(snapshots.c.cost).where(snapshots.c.project_id == project.id, snapshots.c.pk == pk)
    ).scalar_one()
    return found


def released(connection: Connection, project: Project, pk: int) -> None:
    """Delete it, unless somebody still holds it."""
    for table in (golden_tests, replays):
        if connection.execute(_holders(table, project, pk)).first():
            return
    payloads.drop(connection, project, Holder.SNAPSHOT, pk)
    connection.execute(
        delete(snapshots).where(snapshots.c.project_id == project.id, snapshots.c.pk == pk)
    )


def _holders(table: Any, project: Project, pk: int) -> Any:
    columns = table.c
    own = columns.project_id == project.id, columns.snapshot_pk == pk
    return select(columns.pk).where(*own).limit(1)
