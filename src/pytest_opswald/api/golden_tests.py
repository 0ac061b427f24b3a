"""Golden tests and their runs: `/v1/golden-tests`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from .base import (
    KIB,
    Answer,
    Body,
    Count,
    Milliseconds,
    Name,
    Tags,
    Time,
    TokenCount,
    Usd,
    within,
)
from .ids import RunId, TraceId
from .pages import Page, Paging
from .replays import Executor, Modifications

TestName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
Description = Annotated[str, StringConstraints(max_length=10_000)]
Expected = Annotated[dict[str, Any], within(256 * KIB)]
"""At most 256 KiB as JSON."""
TestIds = Annotated[Sequence[Name], Field(min_length=1, max_length=10_000), AfterValidator(tuple)]
RunState = Literal["running", "completed", "failed"]
TestStatus = Literal["pending", "running", "passed", "failed", "error", "timeout"]


class GoldenTestQuery(Paging):
    tag: Name | None = None
    trace_id: Name | None = None


class GoldenTestBody(Body):
    trace_id: TraceId
    name: TestName
    """Unique in its project."""
    description: Description | None = None
    tags: Tags = ()
    expected_outcome: Expected | None = None
    """As in a golden file; taken from the trace when left out."""


class GoldenTestChange(Body):
    """Only what is given is changed."""

    trace_id: TraceId | None = None
    name: TestName | None = None
    description: Description | None = None
    tags: Tags | None = None
    expected_outcome: Expected | None = None


class LastRun(Answer):
    run_id: str
    status: RunState
    completed_at: Time | None = None


class GoldenTest(Answer):
    id: str
    test_id: str
    """The same as `id`."""
    trace_id: str
    name: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    expected_outcome: dict[str, Any]
    unjudged: tuple[str, ...] = ()
    """Paths below `expected_outcome` that this server does not judge; a runner may."""
    snapshot_steps: Count
    created_at: Time
    updated_at: Time
    last_run: LastRun | None = None
    url: str


class GoldenTestPage(Page[GoldenTest]):
    golden_tests: tuple[GoldenTest, ...]


class GoldenTestDeleted(Answer):
    deleted: Literal[True] = True
    test_id: str


class RunBody(Body):
    run_id: RunId | None = None
    """Given again, it is that run that is answered, and none is started."""
    test_ids: TestIds | None = None
    """By tags, else all, when left out."""
    tags: Tags = ()
    modifications: Modifications = Modifications()
    executor: Executor = "server"


class RunStarted(Answer):
    run_id: str
    status: RunState
    total_tests: Count
    url: str


class Outcome(Answer):
    status: str | None = None
    final_message: Any = None
    structured_output: Any = None


class OutcomeChange(Answer):
    path: str
    kind: Literal["changed", "missing", "added", "type_changed"]
    expected: Any = None
    actual: Any = None


class StepChange(Answer):
    op: Literal["changed", "missing", "unexpected", "moved"]
    golden_step: int | None = None
    actual_step: int | None = None
    type: str
    name: str | None = None
    changes: tuple[OutcomeChange, ...] = ()


class ResultDiff(Answer):
    summary: str
    first_divergent_step: int | None = None
    outcome: tuple[OutcomeChange, ...] = ()
    steps: tuple[StepChange, ...] = ()


class ResultProblem(Answer):
    type: str
    message: str


class Result(Answer):
    """The verdict of one test in one run."""

    test_id: str
    name: str
    status: TestStatus
    replay_id: str | None = None
    mode: Literal["cached", "live"] | None = None
    """cached: the recording was judged again, no agent ran."""
    fidelity: str | None = None
    duration_ms: Milliseconds = 0
    cost: Usd = 0
    tokens: TokenCount = TokenCount()
    expected: Outcome = Outcome()
    actual: Outcome | None = None
    unjudged: tuple[str, ...] = ()
    """Paths below `expected_outcome` that were not judged."""
    error: ResultProblem | None = None
    diff: ResultDiff | None = None


class Run(RunStarted):
    passed: Count
    failed: Count
    errored: Count
    """Errors and timeouts."""
    pending: Count
    started_at: Time
    completed_at: Time | None = None
    duration_ms: Milliseconds
    total_cost: Usd
    modifications: dict[str, Any] = Field(default_factory=dict)
    executor: Executor
    results: tuple[Result, ...] | None = None
    """Left out in lists."""


class RunPage(Page[Run]):
    runs: tuple[Run, ...]


class ResultBody(Body):
    """The verdict of one test, as a runner uploads it; the same again changes nothing."""

    test_id: Name
    status: Literal["passed", "failed", "error", "timeout"]
    duration_ms: Milliseconds = 0
    cost: Usd = 0
    tokens: TokenCount = TokenCount()
    expected: Outcome = Outcome()
    actual: Outcome | None = None
    error: ResultProblem | None = None
    diff: ResultDiff | None = None


class ResultsBody(Body):
    results: Annotated[
        Sequence[ResultBody], Field(min_length=1, max_length=10_000), AfterValidator(tuple)
    ]
