"""A run from the set-up of its test to the teardown: what is part of it, and what is refused.

Part of it are the test's own fixtures, up to their `yield`, and its body. What comes later cannot
be: the verdict is out. What fixtures of wider scopes do cannot be either: other tests share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from pytest_opswald.engine.refusing import Refusing
from pytest_opswald.runs import Run

_SHARED = """\
was called by the fixture {fixture} of scope {scope}: tests share it, so no golden of one holds it
Give the fixture the scope function: each test then has the call in its golden."""
_LATE = """\
was called while {test} was torn down, after its run had ended with its body
Make the call in the test, or before its fixture yields."""
_SHARED_AND_LATE = """\
was called while a fixture of a wider scope was torn down: tests share it, so no golden holds it
Give the fixture the scope function, and make the call before it yields."""


class Phases:
    """Says when a run begins and ends, and what is asked before and after."""

    def __init__(self, run: Run, test: str) -> None:
        self._run = run
        self._test = test
        self._afterwards: list[Refusing] = []
        self._leaves = False

    def start(self) -> None:
        """From here on what happens is part of the run."""
        self._run.start()

    @contextmanager
    def aside(self, fixture: pytest.FixtureDef[object]) -> Iterator[None]:
        """The fixture is set up; unless it is the test's own, it must make no LLM call."""
        if fixture.scope == "function" or self._afterwards:
            yield
            return
        others = Refusing(_SHARED.format(fixture=fixture.argname, scope=fixture.scope))
        with _told([others]), self._run.aside(others):
            yield

    def enter_body(self) -> None:
        """Fixtures are set up; what they have put in the place of tools is watched as well."""
        self._run.watch_again()

    def end(self) -> None:
        """The body is over, or will not come. May be called more than once."""
        if not self._afterwards:
            self._afterwards.append(Refusing(_LATE.format(test=self._test), tools=True))
            self._run.end(self._afterwards[-1])

    def leave_with(self, item: pytest.Item) -> None:
        """Arrange for the time between the teardown of the test's own fixtures and of others.

        To be called as soon as the test takes finalizers: they run in reverse.
        """
        if not self._leaves:
            self._leaves = True
            item.addfinalizer(self._leave)

    def _leave(self) -> None:
        self._afterwards.append(Refusing(_SHARED_AND_LATE))
        self._run.leave(self._afterwards[-1])

    @contextmanager
    def teardown(self) -> Iterator[None]:
        """All is over at its end. Fails for calls that came too late."""
        try:
            with _told(self._afterwards):
                yield
        finally:
            self._run.stop()


@contextmanager
def _told(handlers: Sequence[Refusing]) -> Iterator[None]:
    """Fails for what they refused, or adds it to the error that has come of it."""
    try:
        yield
    except BaseException as error:
        if told := _refused(handlers):
            error.add_note(told)
        raise
    if told := _refused(handlers):
        pytest.fail(told, pytrace=False)


def _refused(handlers: Sequence[Refusing]) -> str:
    return "\n".join(told for handler in handlers for told in handler.refused())
