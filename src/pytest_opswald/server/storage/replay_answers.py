"""Answers of live calls, kept before anything else is done with them: they were paid for.

A call is written down before it is made. Where the one is there and the other is not, whoever
made it died meanwhile: it is made once more, and counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, func, insert, select, update

from pytest_opswald.server.database.replay_tables import replay_answers, replays

from . import spending
from .folding import encoded, packed, unpacked
from .projects import Project

_OF = replay_answers.c


def of(connection: Connection, project: Project, replay_pk: int) -> Sequence[Any]:
    """Rows of the answers that still count, in the order in which they were asked for."""
    asked = select(replay_answers).where(
        _OF.project_id == project.id, _OF.replay_pk == replay_pk, ~_OF.dropped
    )
    return connection.execute(asked.order_by(_OF.n)).all()


def begun(connection: Connection, project: Project, replay_pk: int, step: int) -> tuple[int, int]:
    """Number of a call that is about to be made, and how often it was begun, this time included."""
    open_call = next((row for row in of(connection, project, replay_pk) if row.data is None), None)
    if open_call is not None:
        attempts = open_call.attempts + 1
        connection.execute(
            update(replay_answers)
            .where(_is(project, replay_pk), _OF.n == open_call.n)
            .values(attempts=attempts)
        )
        return open_call.n, attempts
    last = select(func.coalesce(func.max(_OF.n), 0)).where(_is(project, replay_pk))
    n: int = connection.execute(last).scalar_one() + 1
    row = {
        "project_id": project.id,
        "replay_pk": replay_pk,
        "n": n,
        "step": step,
        "attempts": 1,
        "dropped": False,
        "cost": 0,
    }
    connection.execute(insert(replay_answers).values(row))
    return n, 1


def kept(
    connection: Connection, project: Project, replay_pk: int, n: int, answer: Any, cost: int
) -> None:
    """The answer of a call, None when nobody wants it, and what it cost with all attempts."""
    data = None if answer is None else packed(encoded(answer))
    connection.execute(
        update(replay_answers)
        .where(_is(project, replay_pk), _OF.n == n)
        .values(data=data, cost=cost)
    )
    connection.execute(
        update(replays).where(replays.c.pk == replay_pk).values(spent=replays.c.spent + cost)
    )
    spending.counted(connection, project, cost)


def late(connection: Connection, project: Project, replay_id: str, n: int, cost: int) -> None:
    """What a call cost whose replay was stopped or deleted meanwhile.

    Where somebody else goes on with it, he makes the call again and counts it twice.
    """
    one = select(replays).where(replays.c.project_id == project.id, replays.c.id == replay_id)
    row = connection.execute(one.with_for_update()).one_or_none()
    if row is None:
        spending.counted(connection, project, cost)
    elif row.completed_at is not None and _is_open(connection, project, row.pk, n):
        kept(connection, project, row.pk, n, None, cost)


def dropped(connection: Connection, project: Project, replay_pk: int, *, after: int) -> None:
    """Forget what was said behind a step; what it cost stays."""
    connection.execute(
        update(replay_answers)
        .where(_is(project, replay_pk), _OF.step > after)
        .values(dropped=True, data=None)
    )


def said(row: Any) -> Any:
    """What `kept` was given."""
    return from_json(unpacked(row.data))


def _is_open(connection: Connection, project: Project, replay_pk: int, n: int) -> bool:
    open_call = select(_OF.n).where(_is(project, replay_pk), _OF.n == n, _OF.data.is_(None))
    return connection.execute(open_call.where(_OF.cost == 0)).first() is not None


def _is(project: Project, replay_pk: int) -> Any:
    return (_OF.project_id == project.id) & (_OF.replay_pk == replay_pk)
