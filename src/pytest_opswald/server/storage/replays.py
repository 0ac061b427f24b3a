"""Replays: a row each, which is its own job, and the answers that were paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Select, delete, insert, select, update

from pytest_opswald.api.ids import new_id
from pytest_opswald.api.pages import Paging
from pytest_opswald.api.replays import Replay, ReplayPage
from pytest_opswald.server.database import units
from pytest_opswald.server.database.engine import leave_word
from pytest_opswald.server.database.replay_tables import replay_answers, replays
from pytest_opswald.server.database.units import moment, usd
from pytest_opswald.server.problems import not_found

from . import payloads, snapshots
from .cursors import Window
from .folding import encoded
from .pages import sliced
from .payloads import Holder, Prepared
from .projects import Project

LEASE = 15 * 10**6
"""Microseconds for which nobody else takes a replay from whoever works on it."""
CLAIM = 60 * 10**6
"""The same, of a runner somewhere else."""


@dataclass(frozen=True, slots=True)
class NewReplay:
    """What a replay begins with."""

    trace_id: str
    snapshot_pk: int
    total_steps: int
    mode: str
    executor: str
    fidelity: str
    modifications: Mapping[str, Any]
    status: str = "running"
    fork_from_step: int | None = None
    speed: float = 0
    run_pk: int | None = None
    test_id: str | None = None
    expected: bytes | None = None
    """The golden test's expected outcome, as it is stored."""
    due_at: int | None = None
    """When the first step is to be made; None when nobody here makes it."""


def created(connection: Connection, project: Project, new: NewReplay) -> str:
    """Its id."""
    replay_id = new_id("replay")
    row = {name: getattr(new, name) for name in NewReplay.__slots__} | {
        "project_id": project.id,
        "id": replay_id,
        "modifications": encoded(new.modifications),
        "current_step": 0,
        "goal_step": 0,
        "epoch": 0,
        "spent": 0,
        "started_at": units.now(),
        "leased_until": 0,
    }
    connection.execute(insert(replays).values(row))
    leave_word(connection)
    return replay_id


def listed(
    connection: Connection, project: Project, window: Window[Paging], base_url: str
) -> ReplayPage:
    """One page of replays, newest first."""
    at, identifier = replays.c.started_at, replays.c.id
    page = sliced(connection, _own(project), window, at=at, identifier=identifier)
    return page.page(ReplayPage, "replays", [shown(row, base_url) for row in page.rows])


def row_of(connection: Connection, project: Project, replay_id: str, *, lock: bool = False) -> Any:
    """With `lock`, nobody else changes it until this transaction ends. Raises ApiProblem."""
    asked = _own(project).where(replays.c.id == replay_id)
    if row := connection.execute(asked.with_for_update() if lock else asked).one_or_none():
        return row
    raise not_found("replay", replay_id)


def changed(connection: Connection, pk: int, **columns: Any) -> None:
    """Whoever calls this holds the row."""
    connection.execute(update(replays).where(replays.c.pk == pk).values(columns))


def forgotten(connection: Connection, project: Project, trace_id: str) -> None:
    """Delete the replays of a trace, which repeat what it said; those of golden tests stay."""
    asked = _own(project).where(replays.c.trace_id == trace_id, replays.c.test_id.is_(None))
    for row in connection.execute(asked.with_for_update()).all():
        payloads.drop(connection, project, Holder.REPLAY, row.pk)
        answers = replay_answers.c
        connection.execute(
            delete(replay_answers).where(
                answers.project_id == project.id, answers.replay_pk == row.pk
            )
        )
        connection.execute(delete(replays).where(replays.c.pk == row.pk))
        snapshots.released(connection, project, row.snapshot_pk)


def shown(row: Any, base_url: str) -> Replay:
    return Replay(
        replay_id=row.id,
        trace_id=row.trace_id,
        mode=row.mode,
        status=row.status,
        url=f"{base_url}/replays/{row.id}",
        started_at=moment(row.started_at),
        current_step=row.current_step,
        total_steps=row.total_steps,
        completed_at=None if row.completed_at is None else moment(row.completed_at),
        result=None if row.result is None else from_json(row.result),
        modifications=from_json(row.modifications),
        fork_from_step=row.fork_from_step,
        pause_at_step=row.pause_at_step,
        executor=row.executor,
        fidelity=row.fidelity,
        spent=usd(row.spent),
        error=None if row.error is None else from_json(row.error),
    )


def leased(
    connection: Connection, *, owner: str, now: int, most: int, pk: int | None = None
) -> Sequence[int]:
    """Numbers of replays that are due, now the owner's; those that somebody watches come first.

    With `pk`, that one or none.
    """
    found = _due(now) if pk is None else _due(now).where(replays.c.pk == pk)
    chosen = found.order_by(replays.c.run_pk.is_not(None), replays.c.due_at).limit(most)
    pks = connection.scalars(chosen.with_for_update(skip_locked=True)).all()
    told = {"owner": owner, "leased_until": now + LEASE}
    connection.execute(update(replays).where(replays.c.pk.in_(pks)).values(told))
    return pks


def due(connection: Connection, *, now: int) -> Sequence[int]:
    """Numbers of all that could be leased."""
    return connection.scalars(_due(now).order_by(replays.c.due_at)).all()


def any_due(connection: Connection, *, now: int) -> bool:
    """Whether there is a replay to lease."""
    return connection.execute(_due(now).limit(1)).first() is not None


def next_due(connection: Connection, *, now: int) -> int | None:
    """When something is planned that nobody has leased."""
    planned = select(replays.c.due_at).where(replays.c.due_at > now, replays.c.leased_until <= now)
    found: int | None = connection.scalar(planned.order_by(replays.c.due_at).limit(1))
    return found


def renewed(connection: Connection, pks: Sequence[int], *, owner: str, now: int) -> None:
    """Whoever owns them is alive."""
    connection.execute(
        update(replays)
        .where(replays.c.pk.in_(pks), replays.c.owner == owner)
        .values(leased_until=now + LEASE)
    )


def owned(connection: Connection, pk: int, *, owner: str, epoch: int | None = None) -> Any:
    """The row, locked, while it is the owner's and its past has not changed; else None."""
    asked = select(replays).where(replays.c.pk == pk, replays.c.owner == owner)
    if epoch is not None:
        asked = asked.where(replays.c.epoch == epoch)
    return connection.execute(asked.with_for_update()).one_or_none()


def numbered(connection: Connection, pk: int) -> Any:
    """The row as it is now; None when it is gone."""
    return connection.execute(select(replays).where(replays.c.pk == pk)).one_or_none()


def let_go(connection: Connection, pk: int, *, owner: str) -> None:
    """Give a lease back."""
    connection.execute(
        update(replays)
        .where(replays.c.pk == pk, replays.c.owner == owner)
        .values(owner=None, leased_until=0)
    )


def offered(connection: Connection, project: Project, *, now: int, lock: bool = False) -> Any:
    """The oldest replay that waits for a runner; None without one."""
    waiting = _own(project).where(
        replays.c.executor == "runner",
        replays.c.status == "running",
        replays.c.leased_until <= now,
    )
    oldest = waiting.order_by(replays.c.started_at, replays.c.id).limit(1)
    asked = oldest.with_for_update(skip_locked=True) if lock else oldest
    return connection.execute(asked).one_or_none()


def spent_by_run(connection: Connection, project: Project, run_pk: int) -> int:
    total = select(units.total(replays.c.spent)).where(
        replays.c.project_id == project.id, replays.c.run_pk == run_pk
    )
    return round(connection.execute(total).scalar_one())


def keep_steps(connection: Connection, project: Project, pk: int, steps: Prepared) -> None:
    """Keep what came of a replay, step by step; nothing where it is as the recording."""
    payloads.keep(connection, project, Holder.REPLAY, pk, steps)


def kept_steps(connection: Connection, project: Project, pk: int) -> Sequence[Any]:
    """What `keep_steps` kept, nothing before the end."""
    return list(payloads.read(connection, project, Holder.REPLAY, pk).values())


def _due(now: int) -> Select[Any]:
    return select(replays.c.pk).where(replays.c.due_at <= now, replays.c.leased_until <= now)


def _own(project: Project) -> Select[Any]:
    return select(replays).where(replays.c.project_id == project.id)
