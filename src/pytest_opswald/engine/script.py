"""The agent that is not there: what it asked, used and told, asked again in its stead.

A script is a generator of actions; whoever plays it sends back what each came to. Teacher forcing
gives every LLM call its recorded context, so that each answer is the model's own word on the same
question; the tools are those that the answers ask for.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_opswald.capture.handler import Note, ToolOutcome, ToolUse
from pytest_opswald.engine.remote import meant_by
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import (
    Custom,
    Decision,
    GuardrailEval,
    Handoff,
    HttpRecord,
    LlmCall,
    StateChange,
    Step,
    ToolCall,
    ToolRequest,
    ToolResult,
)
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.json_text import dump
from pytest_opswald.wire.records import read, to_record

Told = Custom | Decision | GuardrailEval | Handoff | StateChange


@dataclass(frozen=True, slots=True, eq=False)
class Ask:
    """Make this HTTP request; send back its Response or Failure."""

    request: Request
    step_number: int
    """The golden's step that asked the same, or as many questions in."""


@dataclass(frozen=True, slots=True, eq=False)
class UseTool:
    """Use this tool; send back its outcome, None when it has to be run for real.

    The inside of an outcome with questions is played, as that of a tool that is run.
    """

    use: ToolUse


@dataclass(frozen=True, slots=True, eq=False)
class Ended:
    """A tool whose inside was played has this outcome."""

    use: ToolUse
    outcome: ToolOutcome


@dataclass(frozen=True, slots=True, eq=False)
class Tell:
    """Tell this step."""

    note: Note


Action = Ask | UseTool | Ended | Tell
Script = Generator[Action, Any, None]


def teacher_forced(golden: Golden) -> Script:
    """Every recorded LLM call in its recorded context."""
    yield from _Scene(golden.trace.steps).play(None, None)


def with_every_tool_declared(golden: Golden) -> Golden:
    """The golden as a replay without code needs it: no tool can be run, so each must be served."""
    steps = (
        step.model_copy(update={"declared": True})
        if isinstance(step, ToolCall | ToolResult)
        else step
        for step in golden.trace.steps
    )
    return golden.model_copy(update={"trace": Trace(steps=tuple(steps))})


def with_tools_declared_as_in(golden: Golden, played: Golden) -> Golden:
    """What was made of a golden for its replay, to be judged: its tools as the golden has them."""
    steps = (
        step.model_copy(update={"declared": own.declared})
        if isinstance(own, ToolCall | ToolResult)
        else step
        for own, step in zip(golden.trace.steps, played.trace.steps, strict=True)
    )
    return played.model_copy(update={"trace": Trace(steps=tuple(steps))})


def request_of(http: HttpRecord, parent: ToolUse | None = None) -> Request:
    """A recorded request, to be made again. Credentials are up to who sends it."""
    body = http.request
    content = b"" if body is None else body.encode() if isinstance(body, str) else dump(body)
    headers = (("content-type", "application/json"),) if not isinstance(body, str) else ()
    return Request(http.method, http.url, headers, content, parent)


def asked_for(http: HttpRecord, answer: Response | Failure) -> Sequence[ToolRequest]:
    """Tool calls of an answer to a recorded request; none when it cannot be read."""
    try:
        return read(to_record(request_of(http), answer)).output.tool_calls
    except ValueError:
        return ()


def resembling(
    steps: Sequence[Step], name: str, arguments: Any, *, besides: Collection[int] = ()
) -> ToolCall | None:
    """The recorded call that these arguments made once its function had added its defaults.

    `besides` are numbers of steps that do not count.
    """
    for step in steps:
        match step:
            case ToolCall(input=recorded) if (
                recorded.tool == name
                and step.step_number not in besides
                and isinstance(arguments, dict)
                and all(recorded.arguments.get(key) == value for key, value in arguments.items())
            ):
                return step
    return None


@dataclass(slots=True)
class _Scene:
    """One golden on stage."""

    steps: Sequence[Step]
    _played: set[int] = field(default_factory=set)
    """Composite tool calls whose inside has been played, by step number."""

    def play(self, span: str | None, parent: ToolUse | None) -> Script:
        """The steps of one span, in order; tools follow from the answers."""
        for step in self.steps:
            if step.parent_span_id != span:
                continue
            match step:
                case LlmCall(http=HttpRecord() as http) | Custom(http=HttpRecord() as http):
                    answer = yield Ask(request_of(http, parent), step.step_number)
                    for call in asked_for(http, answer):
                        yield from self._tool(call.function, call.arguments, parent)
                case Decision() | GuardrailEval() | Handoff() | StateChange() | Custom():
                    yield Tell(_note(step, parent))
                case ToolCall(input=asked) if asked.tool_call_id is None:
                    # the code itself called it: no answer will ask for it
                    yield from self._tool(asked.tool, asked.arguments, parent)

    def _tool(self, function: str, arguments: Any, parent: ToolUse | None) -> Script:
        name, is_remote = meant_by(function, self.steps)
        recorded = resembling(self.steps, name, arguments, besides=self._played)
        given = recorded.input.arguments if recorded else arguments
        use = ToolUse(name, given if isinstance(given, dict) else {}, parent, is_remote=is_remote)
        outcome = yield UseTool(use)
        if recorded and (outcome is None or outcome.questions):
            self._played.add(recorded.step_number)
            yield from self.play(recorded.span_id, use)
            yield Ended(use, self._outcome(recorded))

    def _outcome(self, call: ToolCall) -> ToolOutcome:
        """The result that closes a call: the next one of its own span."""
        results = (
            step.output
            for step in self.steps[call.step_number :]
            if isinstance(step, ToolResult)
            and step.input.tool == call.input.tool
            and step.parent_span_id == call.parent_span_id
        )
        found = next(results)
        return ToolOutcome(value=found.result, error=found.error)


def _note(step: Told, parent: ToolUse | None) -> Note:
    return Note(step.type, step.input, step.output, step.name, step.agent, parent)
