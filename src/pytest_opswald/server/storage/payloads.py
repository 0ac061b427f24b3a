"""What was said in a step, as a row of its own, and the lists it shares with others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from pytest_opswald.server.database.direct import Direct
from pytest_opswald.server.database.tables import payload_heads, payloads

from . import chains
from .folding import Folded, Links, folded, heads_of, unfolded
from .projects import Project


class Holder(IntEnum):
    """Whose payloads they are; numbers are in databases."""

    TRACE = 1
    SNAPSHOT = 2
    REPLAY = 3


@dataclass(frozen=True, slots=True)
class Prepared:
    """Payloads ready to be stored: hashed and compressed before anybody waits to write."""

    folded: tuple[Folded, ...]
    links: Links


def prepared(values: Sequence[Any], project: Project) -> Prepared:
    links = Links()
    return Prepared(tuple(folded(value, links, key=project.hash_key) for value in values), links)


def keep(
    connection: Connection,
    project: Project,
    holder: Holder,
    pk: int,
    new: Prepared,
    *,
    first: int = 1,
) -> None:
    """Store them as numbers `first`, `first + 1`, ... of their holder."""
    chains.keep(connection, project, new.links)
    place = {"project_id": project.id, "holder": holder, "holder_pk": pk}
    numbered = list(enumerate(new.folded, start=first))
    if numbered:
        rows = [{**place, "n": n, "data": each.data} for n, each in numbered]
        _NEW.run(connection, *rows)
    if heads := [{**place, "n": n, "head": head} for n, each in numbered for head in each.heads]:
        _NEW_HEADS.run(connection, *heads)


_NEW = Direct(lambda _: insert(payloads))
_NEW_HEADS = Direct(lambda _: insert(payload_heads))


@dataclass(frozen=True, slots=True)
class Kept(Mapping[int, Any]):
    """Payloads by number, as they are stored; each is unfolded when it is asked for."""

    data: dict[int, bytes]
    lists: chains.Lists

    def __getitem__(self, n: int) -> Any:
        return unfolded(self.data[n], self.lists)

    def __iter__(self) -> Iterator[int]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def read(
    connection: Connection,
    project: Project,
    holder: Holder,
    pk: int,
    *,
    numbers: Sequence[int] | None = None,
) -> Kept:
    """All payloads of a holder, or those of these numbers, in order."""
    asked = select(payloads.c.n, payloads.c.data).where(*_of(payloads, project, holder, pk))
    if numbers is not None:
        asked = asked.where(payloads.c.n.in_(numbers))
    data = {row.n: row.data for row in connection.execute(asked.order_by(payloads.c.n))}
    heads = {head for each in data.values() for head in heads_of(each)}
    return Kept(data, chains.lists(connection, project, heads))


def drop(connection: Connection, project: Project, holder: Holder, pk: int) -> None:
    """Delete them, and what nobody else says."""
    said = connection.scalars(
        delete(payloads).where(*_of(payloads, project, holder, pk)).returning(payloads.c.data)
    )
    gone = {head for data in said for head in heads_of(data)}
    for some in chains.batches(gone):
        here = _of(payload_heads, project, holder, pk)
        connection.execute(delete(payload_heads).where(*here, payload_heads.c.head.in_(some)))
    chains.collect(connection, project, gone)


def _of(table: Any, project: Project, holder: Holder, pk: int) -> tuple[Any, ...]:
    columns = table.c
    return (
        columns.project_id == project.id,
        columns.holder == int(holder),
        columns.holder_pk == pk,
    )
