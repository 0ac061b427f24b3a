"""The hash chain of everything that was said: stored once, and really gone when nobody holds it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Table, bindparam, delete, func, select

from pytest_opswald.server.database.tables import blobs, msg_chain, payload_heads
from pytest_opswald.server.database.upserts import insert

from .folding import Hash, Link, Links, packed, unpacked
from .projects import Project

_AT_ONCE = 5000
"""Hashes in one statement; databases have a limit."""
_LOCK = 0x4F5053
"""First half of the name of our locks on PostgreSQL; the project is the second."""


def keep(connection: Connection, project: Project, links: Links) -> None:
    """Store the links that are not there yet, and their messages."""
    if not links.links:
        return
    _hold(connection, project)
    there = _there(connection, project, links.links)
    new = {head: link for head, link in links.links.items() if head not in there}
    if not new:
        return
    messages = dict.fromkeys(link.message for link in new.values())
    connection.execute(
        _if_new(connection.dialect.name, blobs),
        [
            {"project_id": project.id, "hash": message, "data": packed(links.blobs[message])}
            for message in messages
        ],
    )
    connection.execute(
        _if_new(connection.dialect.name, msg_chain),
        [
            {"project_id": project.id, "hash": head, "prev": link.prev, "message": link.message}
            for head, link in new.items()
        ],
    )


@cache
def _if_new(dialect: str, table: Table) -> Any:
    return insert(dialect, table).on_conflict_do_nothing()


class Lists(Mapping[Hash, Sequence[Any]]):
    """The list behind each head, put together when it is asked for."""

    def __init__(self, links: Mapping[Hash, Link], messages: Mapping[Hash, Any]) -> None:
        self._links = links
        self._messages = messages

    def __getitem__(self, head: Hash) -> Sequence[Any]:
        backwards = [self._messages[link.message] for link in _upwards(head, self._links)]
        return backwards[::-1]

    def __iter__(self) -> Iterator[Hash]:
        return iter(self._links)

    def __len__(self) -> int:
        return len(self._links)


def lists(connection: Connection, project: Project, heads: Iterable[Hash]) -> Lists:
    """The lists of these heads."""
    links = _reachable(connection, project, heads)
    messages: dict[Hash, Any] = {}
    for some in batches({link.message for link in links.values()}):
        rows = connection.execute(
            select(blobs.c.hash, blobs.c.data).where(
                blobs.c.project_id == project.id, blobs.c.hash.in_(some)
            )
        )
        messages.update((row.hash, from_json(unpacked(row.data))) for row in rows)
    return Lists(links, messages)


def collect(connection: Connection, project: Project, heads: Collection[Hash]) -> None:
    """Delete what only these heads held on to; they themselves are held by nobody any more."""
    if not heads:
        return
    _hold(connection, project, alone=True)
    links = _reachable(connection, project, heads)
    dead = links.keys() - _alive(connection, project, links)
    for some in batches(dead):
        connection.execute(
            delete(msg_chain).where(
                msg_chain.c.project_id == project.id, msg_chain.c.hash.in_(some)
            )
        )
    for some in batches({links[head].message for head in dead}):
        connection.execute(
            delete(blobs).where(blobs.c.project_id == project.id, blobs.c.hash.in_(some), ~_IS_SAID)
        )


_IS_SAID = (
    select(msg_chain.c.hash)
    .where(msg_chain.c.project_id == blobs.c.project_id, msg_chain.c.message == blobs.c.hash)
    .exists()
)


def _there(connection: Connection, project: Project, heads: Iterable[Hash]) -> set[Hash]:
    found: set[Hash] = set()
    for some in batches(heads):
        found.update(connection.scalars(_THERE, {"project": project.id, "some": some}))
    return found


_THERE = select(msg_chain.c.hash).where(
    msg_chain.c.project_id == bindparam("project"),
    msg_chain.c.hash.in_(bindparam("some", expanding=True)),
)


def _reachable(connection: Connection, project: Project, heads: Iterable[Hash]) -> dict[Hash, Link]:
    """These links and all before them."""
    links: dict[Hash, Link] = {}
    chain, own = msg_chain.c, msg_chain.c.project_id == project.id
    for some in batches(heads):
        reach = (
            select(chain.hash, chain.prev, chain.message)
            .where(own, chain.hash.in_(some))
            .cte("reach", recursive=True)
        )
        reach = reach.union(
            select(chain.hash, chain.prev, chain.message).where(own, chain.hash == reach.c.prev)
        )
        rows = connection.execute(select(reach.c.hash, reach.c.prev, reach.c.message))
        links.update((row.hash, Link(row.prev, row.message)) for row in rows)
    return links


def _alive(connection: Connection, project: Project, links: Mapping[Hash, Link]) -> set[Hash]:
    """Which of these are held by a payload, or go before one that is."""
    alive: set[Hash] = set()
    for held in _held(connection, project, links):
        for link in _upwards_hashes(held, links):
            if link in alive:
                break
            alive.add(link)
    return alive


def _held(connection: Connection, project: Project, links: Mapping[Hash, Link]) -> Iterator[Hash]:
    for some in batches(links):
        yield from connection.scalars(
            select(payload_heads.c.head).where(
                payload_heads.c.project_id == project.id, payload_heads.c.head.in_(some)
            )
        )
        following = connection.execute(
            select(msg_chain.c.hash, msg_chain.c.prev).where(
                msg_chain.c.project_id == project.id, msg_chain.c.prev.in_(some)
            )
        )
        yield from (row.prev for row in following if row.hash not in links)


def _upwards(head: Hash, links: Mapping[Hash, Link]) -> Iterator[Link]:
    return (links[each] for each in _upwards_hashes(head, links))


def _upwards_hashes(head: Hash | None, links: Mapping[Hash, Link]) -> Iterator[Hash]:
    while head is not None:
        yield head
        head = links[head].prev


def _hold(connection: Connection, project: Project, *, alone: bool = False) -> None:
    """Keep links from being collected between looking for them and holding on to them.

    SQLite has one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        connection.execute(select(lock(_LOCK, project.id)))


def batches(hashes: Iterable[Hash]) -> Iterator[list[Hash]]:
    """As many at once as a statement takes."""
    every = list(hashes)
    return (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE))
