"""Replays and runs of golden tests: from what was asked to the rows that are their jobs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from pytest_opswald.api.golden_tests import RunBody
from pytest_opswald.api.ids import new_id
from pytest_opswald.api.replays import Executor, Fidelity, Modifications, ReplayBody, ReplayStatus
from pytest_opswald.engine.closed_loop import check_linear
from pytest_opswald.errors import NotLinear
from pytest_opswald.interop.modifications import changes_of, spec_of
from pytest_opswald.server.database import units
from pytest_opswald.server.problems import invalid
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import golden_runs, replays, snapshots
from pytest_opswald.server.storage.golden_runs import Awaited
from pytest_opswald.server.storage.projects import Project
from pytest_opswald.server.storage.replays import NewReplay
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.trace import Trace

from .cursor import Cursor
from .pace import due_at
from .provider import Provider
from .recorded import Recorded, replayable


@dataclass(frozen=True, slots=True)
class Start:
    """How something is replayed."""

    modifications: Modifications
    executor: Executor = "server"
    fork: int | None = None
    asked: Fidelity | None = None

    @property
    def fidelity(self) -> Fidelity:
        if self.executor == "runner":
            return "attached"
        return self.asked or ("teacher_forced" if changes_of(self.modifications) else "frozen")

    @property
    def spends(self) -> bool:
        """Whether the server will ask models."""
        return self.fidelity in {"teacher_forced", "closed_loop"}

    def check(self, trace: Trace, settings: ServerSettings) -> None:
        """Raises ApiProblem before anything is paid for."""
        if self.fork is not None and self.fork > len(trace.steps):
            expected = f"a step from 1 to {len(trace.steps)}"
            raise invalid("There is no such step", field="fork_from_step", expected=expected)
        if self.spends:
            spec = spec_of(self.modifications, trace, self.fork)
            Provider(os.environ, settings.replay_models).check(spec, trace)
        if self.fidelity == "closed_loop":
            _check_loop(trace)


def start_of(body: ReplayBody) -> Start:
    return Start(body.modifications, body.executor, body.fork_from_step, body.fidelity)


def begin_replay(
    connection: Connection, project: Project, body: ReplayBody, recorded: Recorded
) -> str:
    """Its id; `Start.check` has been passed."""
    start = start_of(body)
    status: ReplayStatus = "paused" if body.start_paused else "running"
    new = NewReplay(
        trace_id=recorded.trace_id,
        snapshot_pk=snapshots.kept(connection, project, recorded.snapshot),
        total_steps=recorded.snapshot.steps,
        mode=body.mode,
        executor=body.executor,
        fidelity=start.fidelity,
        modifications=body.modifications.model_dump(exclude_none=True),
        status=status,
        fork_from_step=body.fork_from_step,
        speed=body.speed,
    )
    cursor = Cursor(status, new.total_steps, mode=body.mode, executor=body.executor)
    due = due_at(connection, project, new, cursor, now=units.now())
    return replays.created(connection, project, replace(new, due_at=due))


def begin_run(connection: Connection, project: Project, body: RunBody, tests: Sequence[Any]) -> str:
    """Its id; `tests` are rows of golden tests."""
    run_id = body.run_id or new_id("run")
    modifications = body.modifications.model_dump(exclude_none=True)
    pk = golden_runs.begun(
        connection, project, run_id, modifications=modifications, executor=body.executor
    )
    awaited = [
        Awaited(
            test.id,
            test.name,
            _begin_test(connection, project, body, test, pk) if body.executor == "server" else None,
        )
        for test in tests
    ]
    golden_runs.await_results(connection, project, pk, awaited)
    return run_id


def check_run(
    connection: Connection,
    project: Project,
    start: Start,
    tests: Sequence[Any],
    settings: ServerSettings,
) -> None:
    """Raises ApiProblem when one of the tests cannot be replayed so."""
    if start.spends:
        for test in tests:
            steps = snapshots.opened(connection, project, test.snapshot_pk)
            start.check(replayable(test.trace_id, steps), settings)


def _begin_test(
    connection: Connection, project: Project, body: RunBody, test: Any, run_pk: int
) -> str:
    new = NewReplay(
        trace_id=test.trace_id,
        snapshot_pk=test.snapshot_pk,
        total_steps=test.steps,
        mode="batch",
        executor="server",
        fidelity=Start(body.modifications).fidelity,
        modifications=body.modifications.model_dump(exclude_none=True),
        run_pk=run_pk,
        test_id=test.id,
        expected=test.expected_outcome,
        due_at=units.now(),
    )
    return replays.created(connection, project, new)


def _check_loop(trace: Trace) -> None:
    try:
        check_linear(Golden(name="trace", test="trace", trace=trace))
    except NotLinear as reason:
        raise invalid(str(reason), field="fidelity", expected="teacher_forced") from None
