"""How a thread came by its work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from pytest_opswald.capture import handed
from pytest_opswald.capture.handed import Handed


def test_work_of_a_pool_knows_when_it_was_submitted():
    """Later work was submitted later, whichever thread takes it; each tells it once."""
    with handed.seen(), ThreadPoolExecutor(1) as pool:
        first, second = (pool.submit(lambda: (handed.take(), handed.take())) for _ in range(2))

    (one, again), (two, _) = first.result(), second.result()
    assert isinstance(one, Handed)
    assert isinstance(two, Handed)
    assert one.by == threading.get_ident()
    assert one.at_ns <= two.at_ns
    assert again is None


def test_a_thread_knows_when_it_was_started():
    """Only what it does first began then."""
    told: list[Handed | None] = []
    with handed.seen():
        thread = threading.Thread(target=lambda: told.extend([handed.take(), handed.take()]))
        thread.start()
        thread.join()

    assert isinstance(told[0], Handed)
    assert told[1] is None


def test_what_a_thread_does_by_itself_was_handed_to_it_by_nobody():
    """The work of a pool ends with its function."""
    with handed.seen(), ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        assert handed.take() is None


def test_pools_are_as_before_afterwards():
    """Unless somebody else has wrapped them meanwhile."""
    submit, start = ThreadPoolExecutor.submit, threading.Thread.start

    with handed.seen():
        assert ThreadPoolExecutor.submit is not submit

    assert ThreadPoolExecutor.submit is submit
    assert threading.Thread.start is start


def test_work_takes_its_arguments_and_gives_its_errors():
    """Nothing of it changes."""
    with handed.seen(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(divmod, 7, 2).result() == (3, 1)
        assert pool.submit(dict, work=1, pool=2).result() == {"work": 1, "pool": 2}
        assert isinstance(pool.submit(int, "x").exception(), ValueError)
