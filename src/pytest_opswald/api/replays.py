"""Replays: `/v1/replays`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from .base import KIB, Answer, Body, Count, Milliseconds, Name, Time, Usd, within
from .ids import TraceId
from .pages import Page
from .steps import Step

ReplayMode = Literal["interactive", "batch"]
ReplayStatus = Literal["running", "paused", "completed", "failed", "stopped"]
Executor = Literal["server", "runner"]
"""server: recorded contexts and cached tools; runner: a process with the agent's code."""
Fidelity = Literal["frozen", "teacher_forced", "closed_loop", "attached"]
Prompt = Annotated[str, within(256 * KIB)]
Action = Literal["play", "pause", "step", "jump", "stop"]


class Modifications(Body):
    """What is changed; only what was asked is touched."""

    model: Name | Annotated[dict[Name, Name], Field(max_length=100)] | None = None
    """New model, or new by old."""
    temperature: Annotated[float, Field(ge=0, le=2)] | Literal["none"] | None = None
    """`none` takes it away."""
    max_tokens: Annotated[int, Field(ge=1, le=10**7)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    prompt: Prompt | None = None
    """Replaces the system prompt; at most 256 KiB as JSON."""
    system_prompt: Prompt | None = None
    """The same by its other name."""
    timeout: Annotated[float, Field(gt=0, le=86_400)] | None = None
    """Seconds."""

    @model_validator(mode="after")
    def _one_prompt(self) -> Self:
        if self.prompt is not None and self.system_prompt is not None:
            raise ValueError("prompt and system_prompt are the same thing: give one of them")
        return self


class ReplayBody(Body):
    trace_id: TraceId | None = None
    session_id: Name | None = None
    """Its latest finished trace."""
    mode: ReplayMode = "interactive"
    modifications: Modifications = Modifications()
    fork_from_step: Annotated[int, Field(ge=1, le=10**6)] | None = None
    executor: Executor = "server"
    fidelity: Literal["teacher_forced", "closed_loop"] | None = None
    """With a change, on the server: teacher_forced unless asked otherwise."""
    speed: Annotated[float, Field(ge=0, le=1000)] = 0
    """1.0 takes as long as the recording did, 0 does not wait; interactive only."""
    start_paused: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.trace_id is None) == (self.session_id is None):
            raise ValueError("give either trace_id or session_id")
        return self


class ClaimBody(Body):
    """A runner asks for work."""

    wait: Annotated[float, Field(ge=0, le=5)] = 0
    """Seconds to wait for a replay, when there is none."""


class RenewBody(Body):
    """A runner is still at work on what it has claimed."""

    claim_id: Name


class ReplayStarted(Answer):
    replay_id: str
    trace_id: str
    mode: ReplayMode
    status: ReplayStatus
    url: str
    started_at: Time


class FieldChange(Answer):
    step: int
    field: str
    """model, temperature, ..., output.content, output.tool_calls, steps"""
    original: Any = None
    modified: Any = None


class ReplayResult(Answer):
    final_output: Any = None
    total_cost: Usd
    duration_ms: Milliseconds
    changes_from_original: tuple[FieldChange, ...] = ()
    fidelity: Fidelity | None = None
    coverage: str | None = None
    """`5 of 5 LLM calls live, context its own up to step 7`"""
    first_divergence: int | None = None
    """Step of the recording."""
    outcome_diff: tuple[Any, ...] = ()


class ReplayProblem(Answer):
    type: str
    message: str
    step: int | None = None


class ReplayResultBody(Body):
    """How a replay ended that a runner made; the same again changes nothing."""

    status: Literal["completed", "failed"]
    final_output: Any = None
    total_cost: Usd = 0
    duration_ms: Milliseconds = 0
    changes_from_original: tuple[FieldChange, ...] = ()
    coverage: str | None = None
    first_divergence: int | None = None
    outcome_diff: tuple[Any, ...] = ()
    error: ReplayProblem | None = None
    claim_id: Name | None = None
    """Of whoever claimed the replay; refused when somebody else has it meanwhile."""


class Replay(ReplayStarted):
    current_step: Count
    """Last completed step: 0 at the start, `total_steps` at the end."""
    total_steps: Count
    completed_at: Time | None = None
    result: ReplayResult | None = None
    modifications: dict[str, Any] = Field(default_factory=dict)
    fork_from_step: int | None = None
    pause_at_step: int | None = None
    executor: Executor = "server"
    fidelity: Fidelity = "frozen"
    spent: Usd = 0
    """USD of live calls so far, those repeated after a crash and those jumped back over included."""
    error: ReplayProblem | None = None


class ReplayPage(Page[Replay]):
    replays: tuple[Replay, ...]


class ReplayedStep(Answer):
    step_number: int
    recorded: Step | None
    replayed: Step | None
    """None until it was reached."""


class ReplaySteps(Answer):
    replay_id: str
    steps: tuple[ReplayedStep, ...]


class ControlBody(Body):
    action: Action
    step: Annotated[int, Field(ge=0, le=10**6)] | None = None


class Claim(Answer):
    replay: Replay | None
    """None when there is nothing to do."""
    claim_id: str | None = None
    """What the runner shows when it renews the claim, and with the result."""
    lease_seconds: float | None = None
    """Nobody else gets the replay for so long; a runner that is at work renews that in time."""
