"""Writes that wait for each other share a transaction, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import cast

import pytest
from sqlalchemy import Connection

from pytest_opswald.server.database.batches import Batches

Work = Callable[[Connection], str]


class Transactions:
    """Stands in for a database: what was committed, transaction by transaction."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        said: list[str] = []
        yield cast(Connection, said)
        self.committed.append(said)


def says(text: str) -> Work:
    def work(connection: Connection) -> str:
        cast("list[str]", connection).append(text)
        return text.upper()

    return work


def fails(connection: Connection) -> str:
    says("half done")(connection)
    raise LookupError("nothing there")


@pytest.fixture
def database() -> Transactions:
    return Transactions()


@pytest.fixture
def batches(database: Transactions) -> Iterator[Batches]:
    made = Batches(database.writing)
    yield made
    made.close()


async def outcomes(batches: Batches, *works: Work) -> list[str | BaseException]:
    """Of works that came at once."""
    return await asyncio.gather(*map(batches.do, works), return_exceptions=True)


async def behind_another(batches: Batches, then: Callable[[], Awaitable[None]]) -> None:
    """Do something while a transaction is being written."""
    begun, free = asyncio.Event(), Event()
    loop = asyncio.get_running_loop()

    def long(_: Connection) -> str:
        loop.call_soon_threadsafe(begun.set)
        assert free.wait(timeout=30)
        return "LONG"

    async def follow() -> None:
        await begun.wait()
        following = asyncio.ensure_future(then())
        await asyncio.sleep(0)  # until it waits
        free.set()
        await following

    assert (await asyncio.gather(batches.do(long), follow()))[0] == "LONG"


def test_those_who_come_at_once_share_a_transaction(
    database: Transactions, batches: Batches
) -> None:
    """In the order in which they came."""
    works = [says(f"work {n}") for n in range(5)]

    assert asyncio.run(outcomes(batches, *works)) == [f"WORK {n}" for n in range(5)]

    assert database.committed == [[f"work {n}" for n in range(5)]]


def test_those_who_come_during_a_transaction_share_the_next(
    database: Transactions, batches: Batches
) -> None:
    """However long the first one takes."""

    async def more() -> None:
        assert await outcomes(batches, says("one"), says("two")) == ["ONE", "TWO"]

    asyncio.run(behind_another(batches, more))

    assert database.committed == [[], ["one", "two"]]


def test_no_transaction_takes_more_than_a_hundred(database: Transactions, batches: Batches) -> None:
    """Others who want to write come between."""
    asyncio.run(outcomes(batches, *[says("work")] * 250))

    assert list(map(len, database.committed)) == [100, 100, 50]


def test_one_that_fails_fails_alone(database: Transactions, batches: Batches) -> None:
    """The others happen, it does not."""
    said = asyncio.run(outcomes(batches, says("one"), fails, says("two")))

    assert [said[0], said[2]] == ["ONE", "TWO"]
    assert isinstance(said[1], LookupError)
    assert database.committed == [["one"], ["two"]]


def test_whoever_gives_up_waiting_disturbs_nobody(database: Transactions, batches: Batches) -> None:
    """What he asked for happens, and the others hear of theirs."""

    async def some() -> None:
        given_up = asyncio.ensure_future(batches.do(says("given up")))
        other = asyncio.ensure_future(batches.do(says("other")))
        await asyncio.sleep(0)
        given_up.cancel()
        assert await other == "OTHER"

    asyncio.run(some())

    assert database.committed == [["given up", "other"]]
