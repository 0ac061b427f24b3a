"""Whether a database holds what it says it holds."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select, text

from pytest_opswald.server.database.replay_tables import replays, snapshots
from pytest_opswald.server.database.tables import (
    blobs,
    msg_chain,
    payload_heads,
    payloads,
    steps,
    traces,
)

from . import projects, recounting
from .folding import Link, hash_of_link, hash_of_message, unpacked
from .payloads import Holder
from .payloads import read as read_payloads
from .projects import Project


def problems(connection: Connection) -> Iterator[str]:
    """A sentence for each thing that is wrong; none when all is well."""
    if connection.dialect.name == "sqlite":
        said = connection.execute(text("PRAGMA integrity_check")).scalars()
        yield from (f"SQLite: {line}" for line in said if line != "ok")
    for project in projects.all_of(connection):
        yield from _traces(connection, project)
        yield from _chain(connection, project)
        yield from _strays(connection, project)
        yield from recounting.wrong(connection, project)


def _traces(connection: Connection, project: Project) -> Iterator[str]:
    counted = (
        select(func.count())
        .where(steps.c.project_id == traces.c.project_id, steps.c.trace_pk == traces.c.pk)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(traces.c.id, traces.c.pk, traces.c.steps, counted.label("there")).where(
            traces.c.project_id == project.id
        )
    ).all()
    for row in rows:
        if row.steps != row.there:
            yield f"{row.id}: {row.steps} steps are counted, {row.there} are there"
        try:
            said = len(list(read_payloads(connection, project, Holder.TRACE, row.pk).values()))
        except KeyError as missing:
            yield f"{row.id}: a message is missing: {missing}"
        else:
            if said != row.there:
                yield f"{row.id}: {row.there} steps, but {said} say something"


def _chain(connection: Connection, project: Project) -> Iterator[str]:
    own = connection.execute(select(blobs).where(blobs.c.project_id == project.id))
    for row in own:
        if hash_of_message(unpacked(row.data), project.hash_key) != row.hash:
            yield f"message {row.hash.hex()} is not what it was"
    links = connection.execute(select(msg_chain).where(msg_chain.c.project_id == project.id))
    for row in links:
        if hash_of_link(Link(row.prev, row.message), project.hash_key) != row.hash:
            yield f"link {row.hash.hex()} is not what it was"


def _strays(connection: Connection, project: Project) -> Iterator[str]:
    """What is left of things that are gone."""
    said = select(msg_chain.c.message).where(msg_chain.c.project_id == project.id)
    stray = select(func.count()).where(blobs.c.project_id == project.id, blobs.c.hash.not_in(said))
    if count := connection.execute(stray).scalar_one():
        yield f"{project.name}: {count} messages belong to no conversation"
    held = select(payload_heads.c.head).where(payload_heads.c.project_id == project.id)
    after = select(msg_chain.c.prev).where(
        msg_chain.c.project_id == project.id, msg_chain.c.prev.is_not(None)
    )
    loose = select(func.count()).where(
        msg_chain.c.project_id == project.id,
        msg_chain.c.hash.not_in(held),
        msg_chain.c.hash.not_in(after),
    )
    if count := connection.execute(loose).scalar_one():
        yield f"{project.name}: {count} conversations belong to no step"
    for holder, table in _HOLDERS.items():
        own = select(table.c.pk).where(table.c.project_id == project.id)
        lost = select(func.count()).where(
            payloads.c.project_id == project.id,
            payloads.c.holder == int(holder),
            payloads.c.holder_pk.not_in(own),
        )
        if count := connection.execute(lost).scalar_one():
            yield f"{project.name}: {count} payloads belong to no {holder.name.lower()}"


_HOLDERS = {Holder.TRACE: traces, Holder.SNAPSHOT: snapshots, Holder.REPLAY: replays}
