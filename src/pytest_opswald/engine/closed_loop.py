"""The loop that most agents are: ask, use the tools that were asked for, ask again.

Where a recorded run provably was this loop, it can be played without the agent's code: each
context grows from the answer that really came, and tool results are those of the golden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from pytest_opswald.engine.cache import ToolCache
from pytest_opswald.engine.remote import meant_by
from pytest_opswald.engine.script import (
    Ask,
    Script,
    UseTool,
    request_of,
    resembling,
    with_every_tool_declared,
)
from pytest_opswald.errors import NotLinear
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import HttpRecord, LlmCall, Message, Step, ToolInput, ToolRequest
from pytest_opswald.wire.records import read, to_record
from pytest_opswald.wire.registry import by_name
from pytest_opswald.wire.results import Block, carried, is_result, rekeyed, result_blocks


def closed_loop(golden: Golden, *, falls_back: bool = False) -> Script:
    """Play the loop; it ends at the first tool call without a recorded result.

    With `falls_back` the remaining LLM calls then get their recorded contexts. Raises NotLinear.
    """
    loop = _Loop(golden)
    asked = 0
    conversation = loop.opening
    while conversation is not None and asked < 2 * len(loop.calls):
        http = loop.asking(conversation)
        answer = yield Ask(request_of(http), loop.numbers[min(asked, len(loop.numbers) - 1)])
        asked += 1
        came = to_record(request_of(http), answer)
        calls = _tool_calls(came)
        results: list[Block] = []
        for call in calls:
            outcome = yield UseTool(loop.use_of(call))
            block = loop.result_of(call) if isinstance(outcome, ToolOutcome) else None
            if block is None:
                break
            results.append(block)
        if len(results) < len(calls):
            break
        conversation = loop.grown(conversation, came, results)
    else:
        return
    if falls_back:
        yield from loop.recorded_after(asked)


def check_linear(golden: Golden) -> None:
    """Raises NotLinear for a run that was no such loop."""
    _Loop(golden)


def _tool_calls(came: HttpRecord) -> Sequence[ToolRequest]:
    try:
        return read(came).output.tool_calls
    except ValueError:
        return ()


@dataclass(slots=True)
class _Loop:
    """What of a golden the loop needs. Raises NotLinear."""

    golden: Golden
    calls: list[HttpRecord] = field(init=False)
    numbers: list[int] = field(init=False)
    """Of their steps."""
    _key: str = field(init=False)
    _results: dict[str, Block] = field(init=False)
    _said_next: Iterator[list[Any]] = field(init=False)
    """What the user said after each answer that asked for no tool."""
    _cache: ToolCache = field(init=False)

    def __post_init__(self) -> None:
        steps = with_every_tool_declared(self.golden).trace.steps
        self.calls = _one_conversation(steps)
        self.numbers = [call.step_number for call in self.golden.trace.llm_calls]
        self._key = by_name(self.calls[0].format).conversation
        turns = list(_turns(self.calls, self._key))
        self._results = result_blocks([item for turn in turns for item in turn])
        self._said_next = iter([turn for turn in turns if not any(map(is_result, turn))])
        self._cache = ToolCache(steps)

    @property
    def opening(self) -> list[Any] | None:
        return list(self.calls[0].request[self._key])

    def asking(self, conversation: list[Any]) -> HttpRecord:
        request = {**self.calls[0].request, self._key: conversation}
        return self.calls[0].model_copy(update={"request": request})

    def use_of(self, call: ToolRequest) -> ToolUse:
        asked, is_remote = self._asked(call)
        return ToolUse(asked.tool, asked.arguments, is_remote=is_remote)

    def result_of(self, call: ToolRequest) -> Block | None:
        """The recorded result as the LLM saw it, for this call."""
        recorded = self._cache.equal(self._asked(call)[0])
        block = self._results.get((recorded and recorded.call.input.tool_call_id) or "")
        return rekeyed(block, call.id) if block else None

    def grown(
        self, conversation: list[Any], came: HttpRecord, results: list[Block]
    ) -> list[Any] | None:
        """The next context; None when the run is over."""
        reply = list(by_name(came.format).reply(came))
        more = carried(results) if results else next(self._said_next, None)
        return [*conversation, *reply, *more] if reply and more else None

    def recorded_after(self, asked: int) -> Script:
        for http, number in zip(self.calls[asked:], self.numbers[asked:], strict=True):
            answer = yield Ask(request_of(http), number)
            for call in _tool_calls(to_record(request_of(http), answer)):
                yield UseTool(self.use_of(call))

    def _asked(self, call: ToolRequest) -> tuple[ToolInput, bool]:
        """The tool as its function would be called, and whether a server has it."""
        steps = self.golden.trace.steps
        tool, is_remote = meant_by(call.function, steps)
        recorded = resembling(steps, tool, call.arguments)
        given = recorded.input.arguments if recorded else call.arguments
        return ToolInput(tool=tool, arguments=given if isinstance(given, dict) else {}), is_remote


def _one_conversation(steps: Sequence[Step]) -> list[HttpRecord]:
    calls = [step for step in steps if isinstance(step, LlmCall)]
    records = [call.http for call in calls if call.http]
    if not records or len(records) < len(calls):
        raise NotLinear("a closed loop needs LLM calls that were recorded on the wire")
    for call in calls:
        if call.parent_span_id or call.group:
            where = f"step {call.step_number}"
            raise NotLinear(f"no closed loop: {where} ran inside a tool or beside another call")
    return records


def _turns(calls: Sequence[HttpRecord], key: str) -> Iterator[list[Any]]:
    """What came between the answers: tool results, or what the user said. Raises NotLinear."""
    for number, (one, following) in enumerate(pairwise(calls), start=2):
        where = f"no closed loop: LLM call {number}"
        if _frame(one, key) != _frame(following, key):
            raise NotLinear(f"{where} changed more than the conversation")
        before, after = one.request[key], following.request[key]
        reply = list(by_name(one.format).reply(one))
        rest = after[len(before) :] if isinstance(before, list) else None
        if rest is None or after[: len(before)] != before or not reply:
            raise NotLinear(f"{where} does not go on where the one before ended")
        echoed, turn = rest[: len(reply)], rest[len(reply) :]
        if _said(one, key, echoed) != _said(one, key, reply):
            raise NotLinear(f"{where} does not hand on the answer as it came")
        results = [is_result(item) for item in turn]
        if not turn or any(results) != all(results):
            raise NotLinear(f"{where} mixes tool results with other words")
        yield turn


def _frame(http: HttpRecord, key: str) -> dict[str, Any]:
    return {name: value for name, value in http.request.items() if name != key}


def _said(http: HttpRecord, key: str, items: list[Any]) -> tuple[Message, ...]:
    """Messages of these items, as the format reads them."""
    record = http.model_copy(update={"request": {**http.request, key: items}})
    return read(record).input.messages
