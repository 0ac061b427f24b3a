"""What was said is stored once, and is gone when nobody holds it any more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from pytest_opswald.server.database.engine import Database, opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.database.tables import blobs, msg_chain, payload_heads, payloads
from pytest_opswald.server.storage.payloads import Holder, drop, keep, prepared, read
from pytest_opswald.server.storage.projects import Project, ensured
from tests.server.storage.test_folding import conversation


def store(database: Database, project: Project, pk: int, *values: Any) -> None:
    with database.writing() as connection:
        keep(connection, project, Holder.TRACE, pk, prepared(values, project))


def discard(database: Database, project: Project, pk: int) -> None:
    with database.writing() as connection:
        drop(connection, project, Holder.TRACE, pk)


def kept(database: Database, project: Project, pk: int) -> list[Any]:
    with database.reading() as connection:
        return list(read(connection, project, Holder.TRACE, pk).values())


def counted(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (blobs, msg_chain, payload_heads, payloads)
        }


def test_conversations_share_what_they_have_in_common(database: Database, project: Project) -> None:
    """Two that part after five messages; deleting one leaves the other whole."""
    mine = [{"messages": conversation(n)} for n in range(1, 9)]
    theirs = [{"messages": [*conversation(5), {"role": "user", "content": "else " * 200}]}]
    store(database, project, 1, *mine)
    store(database, project, 2, *theirs)

    assert kept(database, project, 1) == mine
    assert counted(database)["blobs"] == 9

    discard(database, project, 1)

    assert kept(database, project, 2) == theirs
    assert counted(database) == {"blobs": 6, "msg_chain": 6, "payload_heads": 1, "payloads": 1}

    discard(database, project, 2)

    assert set(counted(database).values()) == {0}


def test_a_beginning_outlives_what_followed(database: Database, project: Project) -> None:
    """The longer conversation is deleted, the shorter one, which it went on from, is not."""
    store(database, project, 1, conversation(3))
    store(database, project, 2, conversation(7))

    discard(database, project, 2)

    assert kept(database, project, 1) == [conversation(3)]
    assert counted(database)["msg_chain"] == 3
    discard(database, project, 1)


def test_projects_share_nothing(database: Database, project: Project) -> None:
    """The same conversation is stored for each, and deleted for each."""
    with database.writing() as connection:
        other = ensured(connection, "other")
    store(database, project, 1, conversation(3))
    store(database, other, 1, conversation(3))

    discard(database, project, 1)

    assert kept(database, project, 1) == []
    assert kept(database, other, 1) == [conversation(3)]
    discard(database, other, 1)


def test_a_long_chat_takes_room_for_its_text(database: Database, project: Project) -> None:
    """100 calls that repeat 50 times their text take less than twice that text."""
    store(database, project, 1, *({"messages": conversation(n)} for n in range(1, 101)))

    with database.reading() as connection:
        room = sum(
            connection.execute(select(func.sum(func.length(column)))).scalar_one()
            for column in (blobs.c.data, payloads.c.data, msg_chain.c.hash)
        )
    assert room < 2 * sum(len(message["content"]) for message in conversation(100))
    discard(database, project, 1)


def test_what_is_deleted_is_not_left_in_the_file(tmp_path: Path) -> None:
    """Nobody who opens the file finds it."""
    file = tmp_path / "opswald.db"
    with opened(f"sqlite:///{file}") as database:
        upgrade(database)
        with database.writing() as connection:
            project = ensured(connection)
        store(database, project, 1, {"said": "needle"}, *conversation(3))
        discard(database, project, 1)

    assert b"needle" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())
