"""Steps that follow from others: what the user said, tools nobody declared, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pytest_opswald.engine.asked_for import AskedFor, OpenCalls, echoes
from pytest_opswald.trace.steps import (
    Error,
    LlmCall,
    Message,
    Response,
    Step,
    StepError,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
    UserInput,
)
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.base import ToolEcho


def with_derived_steps(steps: Sequence[Step]) -> list[Step]:
    """The steps that were seen, joined by those that can be read off them."""
    tools = _Tools()
    told = [step for seen in steps for step in (*tools.before(seen), tools.linked(seen))]
    spoken = [step for seen in told for step in (*_user_inputs_before(seen, told), seen)]
    return [*spoken, *_ending(spoken)]


@dataclass(slots=True)
class _Tools:
    """Ties tool calls to what the LLM asked for, by call id."""

    open: OpenCalls[LlmCall] = field(default_factory=OpenCalls)
    nesting: list[str | None] = field(default_factory=list)
    """Call ids of declared calls whose result is yet to come, innermost last."""

    def before(self, step: Step) -> Iterator[Step]:
        """Calls of undeclared tools whose results this LLM call carries."""
        if not isinstance(step, LlmCall) or not self.open:
            return
        for echo in echoes(step):
            if asked := self.open.answered(echo.call_id):
                yield from _undeclared(asked, echo)

    def linked(self, step: Step) -> Step:
        """The same step, with the call id it answers to; asked-for calls are noted."""
        match step:
            case LlmCall():
                self.open.add(step.output.tool_calls, step)
            case ToolCall(declared=True):
                self.nesting.append(self._take(step))
                asked_as = {"tool_call_id": self.nesting[-1]}
                return step.model_copy(update={"input": step.input.model_copy(update=asked_as)})
            case ToolResult(declared=True) if self.nesting:
                asked_as = {"tool_call_id": self.nesting.pop()}
                return step.model_copy(update={"input": step.input.model_copy(update=asked_as)})
        return step

    def _take(self, call: ToolCall) -> str | None:
        made = call.input
        asked = self.open.made(made.tool, made.arguments, remote=call.remote)
        return asked.request.id if asked else None


def _undeclared(asked: AskedFor[LlmCall], echo: ToolEcho) -> Iterator[Step]:
    request = asked.request
    arguments = request.arguments if isinstance(request.arguments, dict) else {}
    span = asked.by.parent_span_id
    yield ToolCall(
        input=ToolInput(tool=request.function, arguments=arguments, tool_call_id=request.id),
        declared=False,
        parent_span_id=span,
    )
    failed = echo.is_error
    yield ToolResult(
        input=ToolResultInput(tool=request.function, tool_call_id=request.id),
        output=ToolOutput(result=echo.content),
        declared=False,
        parent_span_id=span,
        status="error" if failed else "ok",
        error=StepError(type="tool_error", message=str(echo.content)) if failed else None,
    )


def _user_inputs_before(step: Step, steps: Sequence[Step]) -> Iterator[Step]:
    """What the user said last: in the first LLM call, and in those that go on talking."""
    if not isinstance(step, LlmCall) or step.parent_span_id:
        return
    first = next(s for s in steps if isinstance(s, LlmCall))
    spoken, before = _last_words(step.input.messages)
    if spoken and (step is first or any(message.role == "assistant" for message in before)):
        yield UserInput(message="\n\n".join(spoken), timestamp=step.timestamp)


def _last_words(messages: Sequence[Message]) -> tuple[list[str], Sequence[Message]]:
    """Text of the user messages that close the conversation, and what stands before them."""
    end = len(messages)
    while end and messages[end - 1].role == "user":
        end -= 1
    return [text for message in messages[end:] if (text := _text(message))], messages[:end]


def _text(message: Message) -> str:
    if not isinstance(message.content, list):
        return message.content or ""
    blocks = [b.get("text", "") for b in message.content if isinstance(b, dict)]
    return "\n".join(text for text in blocks if text)


def _ending(steps: Sequence[Step]) -> Iterator[Step]:
    """How the run ended, unless it was told by hand."""
    last = next((s for s in reversed(steps) if isinstance(s, LlmCall)), None)
    if last is None or any(isinstance(step, Response) for step in steps):
        return
    if last.error:
        yield Error(status="error", error=last.error)
    elif last.output.content and not last.output.tool_calls:
        yield Response(message=last.output.content)


def undeclared_notices(trace: Trace) -> tuple[str, ...]:
    """One sentence for each tool that nobody declared."""
    names = dict.fromkeys(
        step.input.tool for step in trace.steps if isinstance(step, ToolCall) and not step.declared
    )
    return tuple(
        f"{name} is not declared as a tool, so a replay runs it for real: "
        f'decorate it with @opswald.tool or name it in opswald_tools = ["module:{name}"]'
        for name in names
    )
