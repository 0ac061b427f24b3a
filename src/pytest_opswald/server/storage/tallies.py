"""How many traces there are, what they cost and said: counted by day as they are written.

A trace counts once for its project, its user, its status, each of its models and each of its tags,
on the day it started. Whoever writes a trace tells what it counted before and what it counts now;
the differences are added at the end of the transaction, so sums are exact at every moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, literal, select, update

from pytest_opswald.server.database import units, upserts
from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.engine import at_last
from pytest_opswald.server.database.tables import tallies, trace_models, trace_tags

from .projects import Project
from .steps import Row

_SHARDS = 16


class Kind(IntEnum):
    """What the name of a tally is; numbers are in databases."""

    PROJECT = 1
    USER = 2
    STATUS = 3
    FAILED = 4
    MODEL = 5
    TAG = 6


class Sums(NamedTuple):
    """What is counted; each of them may be far below zero in a difference."""

    traces: int = 0
    calls: int = 0
    usd: int = 0
    """Whole dollars, so that no sum is too large for a database."""
    rest: int = 0
    """Units of 10^-10 USD beside them."""
    tokens: int = 0

    def plus(self, other: Sums, sign: int = 1) -> Sums:
        return Sums._make([mine + sign * its for mine, its in zip(self, other, strict=True)])

    @property
    def cost(self) -> int:
        """In units."""
        return self.usd * units.PER_USD + self.rest

    @classmethod
    def of(cls, values: Iterable[Any]) -> Sums:
        """Of whole numbers, as databases add them up."""
        return cls._make(map(int, values))


NOTHING = Sums()
Place = tuple[Kind, str, int]
"""Of a tally: its kind, its name (empty for the project), its day."""
Tally = Mapping[Place, Sums]
_NEVER: Tally = {}
Changes = dict[tuple[int, Kind, str, int], Sums]
"""By project and place."""


def of(trace: Row, models: Iterable[Row] = (), tags: Iterable[str] = ()) -> Tally:
    """What a trace counts, less those of its models and tags that are left out."""
    day = units.day(trace["started_at"])
    usd, rest = divmod(trace["cost"], units.PER_USD)
    whole = Sums(1, 0, usd, rest, trace["tokens_in"] + trace["tokens_out"])
    counted = {
        (Kind.PROJECT, "", day): whole,
        (Kind.STATUS, trace["status"], day): _ONE,
        (Kind.FAILED, failed(trace["errors"] > 0), day): _ONE,
    }
    if trace["user_id"] is not None:
        counted[Kind.USER, trace["user_id"], day] = whole
    for row in models:
        usd, rest = divmod(row["cost"], units.PER_USD)
        counted[Kind.MODEL, row["model"], day] = Sums(1, row["calls"], usd, rest)
    return counted | {(Kind.TAG, tag, day): _ONE for tag in tags}


_ONE = Sums(1)


def failed(is_so: bool) -> str:
    """The name under which traces with errors are counted, or those without."""
    return "true" if is_so else "false"


def stored(connection: Connection, project: Project, trace: Row, pk: int) -> Tally:
    """All that a trace counts whose models and tags are in the database."""
    own = {"project": project.id, "trace": pk}
    models = connection.execute(_MODELS, own).mappings()
    return of(trace, [dict(row) for row in models], connection.scalars(_TAGS, own))


_MODELS = select(trace_models.c.model, trace_models.c.calls, trace_models.c.cost).where(
    trace_models.c.project_id == bindparam("project"), trace_models.c.trace_pk == bindparam("trace")
)
_TAGS = select(trace_tags.c.tag).where(
    trace_tags.c.project_id == bindparam("project"), trace_tags.c.trace_pk == bindparam("trace")
)


def changed(
    connection: Connection, project: Project, *, before: Tally = _NEVER, after: Tally = _NEVER
) -> None:
    """Count what a trace counts now instead of what it counted before."""
    changes = at_last(connection, _written, dict)
    for tally, sign in ((before, -1), (after, 1)):
        for place, sums in tally.items():
            if before.get(place) != after.get(place):
                key = project.id, *place
                changes[key] = changes.get(key, NOTHING).plus(sums, sign)


def _written(connection: Connection, changes: Changes) -> None:
    # In one order for all, so that nobody waits for somebody who waits for him.
    added: list[Row] = []
    for place in sorted(changes):
        row = dict(zip(_PLACE, place, strict=True)) | changes[place]._asdict()
        if changes[place].traces < 0 and row["kind"] in _NAMED_BY_USERS:
            _add(connection, added)
            _take_away(connection, row)
        elif any(changes[place]):
            added.append(row)
    _add(connection, added)


_NAMED_BY_USERS = {Kind.USER, Kind.MODEL, Kind.TAG}
_PLACE = ("project_id", "kind", "name", "day")


def _add(connection: Connection, rows: list[Row]) -> None:
    if rows:
        _ADD.run(connection, *rows)
        rows.clear()


def _added(dialect: str) -> Any:
    # On PostgreSQL those who write at once have a row each: one of all would make them wait.
    postgresql = dialect == "postgresql"
    shard = func.pg_backend_pid() % _SHARDS if postgresql else literal(0)
    new = upserts.insert(dialect, tallies).values(shard=shard)
    sums = {name: tallies.c[name] + new.excluded[name] for name in Sums._fields}
    return new.on_conflict_do_update(index_elements=list(tallies.primary_key), set_=sums)


_ADD = Direct(_added)


def _take_away(connection: Connection, row: Row) -> None:
    """Whoever does so holds all rows of the tally; with the last trace they go, and its name."""
    place = {f"its_{name}": row[name] for name in _PLACE}
    rows = [dict(each) for each in connection.execute(_HELD, place).mappings()]
    left = reduce(Sums.plus, (_sums(each) for each in rows), _sums(row))
    if left.traces:
        more = {f"more_{name}": row[name] for name in Sums._fields}
        connection.execute(_LESS, place | more | {"its_shard": rows[0]["shard"]})
    else:
        connection.execute(_GONE, [place | {"its_shard": each["shard"]} for each in rows])


def _sums(row: Row) -> Sums:
    return Sums.of(row[name] for name in Sums._fields)


_HERE = [tallies.c[name] == bindparam(f"its_{name}") for name in _PLACE]
_THIS = [*_HERE, tallies.c.shard == bindparam("its_shard")]
_HELD = select(tallies).where(*_HERE).order_by(tallies.c.shard).with_for_update()
_LESS = (
    update(tallies)
    .where(*_THIS)
    .values({name: tallies.c[name] + bindparam(f"more_{name}") for name in Sums._fields})
)
_GONE = delete(tallies).where(*_THIS)
