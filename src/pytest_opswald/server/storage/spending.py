"""What live calls of a project have cost, minute by minute.

Kept apart from the replays they were made for: whoever deletes these gets no allowance back.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from pytest_opswald.server.database import units
from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.replay_tables import spending
from pytest_opswald.server.database.upserts import insert

from .projects import Project

_MINUTE = 60 * 10**6
_DAY = 24 * 60 * _MINUTE
_OF = spending.c


def counted(connection: Connection, project: Project, cost: int) -> None:
    """Add what a call cost; what nobody asks for any more is forgotten."""
    if not cost:
        return
    now = units.now()
    said = {"project_id": project.id, "minute": now - now % _MINUTE, "cost": cost}
    _ADDED.run(connection, said)
    old = _OF.minute < _first_minute(now)
    connection.execute(delete(spending).where(_OF.project_id == project.id, old))


def of_a_day(connection: Connection, project: Project) -> int:
    """What was spent in the last 24 hours, to the minute."""
    own = _OF.project_id == project.id, _OF.minute >= _first_minute(units.now())
    return round(connection.execute(select(units.total(_OF.cost)).where(*own)).scalar_one())


def _first_minute(now: int) -> int:
    return now - now % _MINUTE - _DAY


def _add(dialect: str) -> Any:
    new = insert(dialect, spending)
    more = {"cost": _OF.cost + new.excluded.cost}
    return new.on_conflict_do_update(index_elements=[_OF.project_id, _OF.minute], set_=more)


_ADDED = Direct(_add)
