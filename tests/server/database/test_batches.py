"""Writes that wait for each other share a transaction, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import cast

import pytest
from sqlalchemy import Connection

from pytest_opswald.server.database.batches import Batches


class Transactions:
    """Stands in for a database: what was committed, transaction by transaction."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        said: list[str] = []
        yield cast(Connection, said)
        self.committed.append(said)


def says(text: str, connection: Connection) -> str:
    cast("list[str]", connection).append(text)
    return text.upper()


def fails(connection: Connection) -> str:
    says("half done", connection)
    raise LookupError("nothing there")


@pytest.fixture
def database() -> Transactions:
    return Transactions()


@contextmanager
def waiting(batches: Batches, *works: object) -> Iterator[list[Future[str]]]:
    """The outcomes of works that all waited while another was at it."""
    begun, free = Event(), Event()

    def long(_: Connection) -> str:
        begun.set()
        assert free.wait(timeout=30)
        return "LONG"

    with ThreadPoolExecutor(len(works) + 1) as hands:
        hands.submit(batches.do, long)
        assert begun.wait(timeout=30)
        outcomes = [hands.submit(batches.do, work) for work in works]
        while batches.waiting < len(works):
            pass
        free.set()
        yield outcomes


def test_those_who_wait_share_a_transaction(database: Transactions) -> None:
    """In the order in which they came."""
    batches = Batches(database.writing)
    works = [lambda c, n=n: says(f"work {n}", c) for n in range(5)]

    with waiting(batches, *works) as outcomes:
        assert [outcome.result(30) for outcome in outcomes] == [f"WORK {n}" for n in range(5)]

    assert [sorted(said) for said in database.committed] == [[], [f"work {n}" for n in range(5)]]


def test_one_that_fails_fails_alone(database: Transactions) -> None:
    """The others happen, it does not."""
    batches = Batches(database.writing)

    with waiting(batches, lambda c: says("one", c), fails, lambda c: says("two", c)) as outcomes:
        assert (outcomes[0].result(30), outcomes[2].result(30)) == ("ONE", "TWO")
        with pytest.raises(LookupError, match="nothing there"):
            outcomes[1].result(30)

    assert sorted(database.committed) == [[], ["one"], ["two"]]


def test_a_single_write_does_not_wait(database: Transactions) -> None:
    """It has a transaction of its own."""
    assert Batches(database.writing).do(lambda c: says("alone", c)) == "ALONE"
    assert database.committed == [["alone"]]
