"""A declared tool is recorded when it runs, and not run when it was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from pytest_opswald.capture.handler import ToolOutcome, ToolUse, activated, current_tool
from pytest_opswald.capture.tools import tool
from pytest_opswald.errors import NoRecordedAnswer
from tests.capture.tool_handlers import ToolRecording, ToolReplaying

ran: list[Any] = []


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


@tool
def lookup(order: int, *, verbose: bool = False) -> tuple[int, bytes]:
    ran.append(order)
    return order, b"found"


@tool
async def lookup_later(order: int) -> set[int]:
    await asyncio.sleep(0)
    ran.append(order)
    return {order}


@tool
def lines(order: int) -> Iterator[tuple[int, int]]:
    for number in range(2):
        ran.append(number)
        yield order, number


@tool
async def lines_later(order: int) -> AsyncIterator[tuple[int, int]]:
    for number in range(2):
        ran.append(number)
        await asyncio.sleep(0)
        yield order, number


@tool
def failing(order: int) -> None:
    ran.append(order)
    raise LookupError("no such order", order)


@tool
async def failing_later(order: int) -> None:
    ran.append(order)
    raise LookupError("no such order", order)


@tool
def breaking_lines(order: int) -> Iterator[int]:
    ran.append(order)
    yield order
    raise LookupError("no such line", order)


@tool
async def breaking_lines_later(order: int) -> AsyncIterator[int]:
    ran.append(order)
    yield order
    raise LookupError("no such line", order)


async def _coroutine() -> set[int]:
    ran.append(7)
    return {7}


@tool
def promising(order: int) -> Any:
    """A plain function that returns a coroutine, as a decorator over an async function does."""
    return _coroutine()


@tool
def streaming(order: int) -> Any:
    """A plain function that returns a generator."""
    return (ran.append(n) or (order, n) for n in range(2))


async def _collected(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def _until_raised(items: Iterator[Any]) -> Any:
    seen = []
    try:
        seen.extend(iter(items))
    except LookupError as error:
        return seen, error.args
    return seen


async def _until_raised_later(items: AsyncIterator[Any]) -> Any:
    seen = []
    try:
        async for item in items:
            seen.append(item)  # noqa: PERF401 - what came before the error counts
    except LookupError as error:
        return seen, error.args
    return seen


def _error_of(call: Callable[[], Any]) -> Any:
    with pytest.raises(LookupError) as caught:
        call()
    return type(caught.value), caught.value.args


CALLS: dict[str, Callable[[], Any]] = {
    "plain": lambda: lookup(42),
    "coroutine": lambda: asyncio.run(lookup_later(42)),
    "generator": lambda: list(lines(42)),
    "async generator": lambda: asyncio.run(_collected(lines_later(42))),
    "raising": lambda: _error_of(lambda: failing(42)),
    "raising coroutine": lambda: _error_of(lambda: asyncio.run(failing_later(42))),
    "raising generator": lambda: _until_raised(breaking_lines(42)),
    "raising async generator": lambda: asyncio.run(_until_raised_later(breaking_lines_later(42))),
    "function returning a coroutine": lambda: asyncio.run(promising(42)),
    "function returning a generator": lambda: list(streaming(42)),
}

every_kind = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


@every_kind
def test_replayed_tool_gives_the_same_without_running(call: Callable[[], Any]) -> None:
    """Result, items and exception come from the recording; the body does not run."""
    recording = ToolRecording()
    with activated(recording):
        recorded = call()
    assert ran
    ran.clear()

    with activated(ToolReplaying(recording)):
        replayed = call()

    assert replayed == recorded
    assert not ran


@every_kind
def test_tool_works_outside_a_run(call: Callable[[], Any]) -> None:
    """Production sees the function itself."""
    inside = ToolRecording()
    with activated(inside):
        expected = call()

    assert call() == expected
    assert len(inside.results) == 1


@every_kind
def test_unrecorded_call_is_refused_before_the_body_runs(call: Callable[[], Any]) -> None:
    """A tool the golden has no answer for is never run behind the replay's back."""
    with activated(ToolReplaying(ToolRecording())), pytest.raises(NoRecordedAnswer):
        call()

    assert not ran


def test_arguments_are_told_by_name_with_defaults() -> None:
    """However the call is spelled, the golden shows the same arguments."""
    recording = ToolRecording()

    with activated(recording):
        lookup(order=42)
        lookup(42, verbose=False)

    assert recording.told == [("lookup", {"order": 42, "verbose": False})] * 2


def test_agent_gets_the_very_object_the_tool_returned() -> None:
    """Recording hands over results untouched, however odd."""
    result = object()
    recording = ToolRecording()

    with activated(recording):
        assert tool(lambda: result)() is result


def test_result_that_cannot_be_restored_is_warned_about_by_name() -> None:
    """A live object is kept as text, and its tool named, whatever its place in the result."""

    @tool
    def connect() -> list[Any]:
        return [1, object()]

    recording = ToolRecording()

    with activated(recording):
        connect()

    assert recording.outcome.value[1]["$type"] == "repr"
    [warning] = recording.warnings
    assert warning.startswith("tool connect: result[] is a builtins:object")


def test_handler_that_fails_is_not_the_agents_problem() -> None:
    """When a result can't be recorded the agent gets it all the same, and the user is told."""

    class Broken(ToolRecording):
        def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
            raise RuntimeError("disk full")

    broken = Broken()

    with activated(broken):
        result = lookup(42)

    assert result == (42, b"found")
    assert broken.warnings == [
        "tool lookup: its result was not recorded: RuntimeError('disk full')"
    ]


def test_call_that_does_not_fit_fails_as_it_would() -> None:
    """Wrong arguments are told as they came, and the TypeError is the function's own."""
    recording = ToolRecording()

    with activated(recording), pytest.raises(TypeError, match="unexpected keyword"):
        lookup(42, colour="red")  # type: ignore[call-arg]

    assert recording.use.arguments == {"args": [42], "kwargs": {"colour": "red"}}
    assert recording.outcome.error["of"] == "builtins:TypeError"


def test_call_inside_a_tool_has_it_as_parent() -> None:
    """Nested tools show where they were called; afterwards nothing is open."""

    @tool
    def outer() -> Any:
        return lookup(1)

    recording = ToolRecording()

    with activated(recording):
        outer()
        after = current_tool.get()

    [one, other] = recording.uses
    assert other.parent is one
    assert one.parent is None
    assert after is None


def test_generator_is_current_only_in_its_steps() -> None:
    """What the reader does between two items is not done by the tool."""

    @tool
    def steps() -> Iterator[ToolUse | None]:
        yield current_tool.get()

    recording = ToolRecording()

    with activated(recording):
        [(inside, between)] = [(item, current_tool.get()) for item in steps()]

    assert inside is recording.use
    assert between is None


def test_tasks_of_one_loop_keep_their_parents_apart() -> None:
    """Tools that wait side by side each own what they call."""

    @tool
    async def outer(order: int) -> Any:
        await asyncio.sleep(0)
        return await lookup_later(order)

    async def agent() -> None:
        await asyncio.gather(outer(1), outer(2))

    recording = ToolRecording()

    with activated(recording):
        asyncio.run(agent())

    nested = [use for use in recording.uses if use.parent]
    assert [use.parent.arguments for use in nested if use.parent] == [
        use.arguments for use in nested
    ]
    assert len(nested) == 2


def test_recursive_tool_counts_every_call() -> None:
    """A tool that calls itself is called that often."""

    @tool
    def countdown(n: int) -> int:
        return countdown(n - 1) if n else 0

    recording = ToolRecording()

    with activated(recording):
        countdown(2)

    assert [use.arguments["n"] for use in recording.uses] == [2, 1, 0]


def test_item_is_recorded_as_it_was_yielded() -> None:
    """A reader that changes what it was given doesn't change the recording."""

    @tool
    def rows() -> Iterator[dict[str, int]]:
        yield {"a": 1}

    recording = ToolRecording()

    with activated(recording):
        for row in rows():
            row["a"] = 2

    assert recording.outcome.value == {"$type": "generator", "items": [{"a": 1}]}


def test_reader_that_leaves_early_is_recorded() -> None:
    """An abandoned generator is told as closed, its clean-up code run."""

    @tool
    def rows() -> Iterator[int]:
        try:
            yield from range(9)
        finally:
            ran.append("cleaned up")

    recording = ToolRecording()

    with activated(recording):
        for _ in rows():
            break

    assert recording.outcome.value == {"$type": "generator", "items": [0], "closed": True}
    assert ran == ["cleaned up"]


def test_reader_that_reads_on_is_refused() -> None:
    """Where the recorded reader left nothing more is known: the replay says so."""
    recording = ToolRecording()
    with activated(recording):
        next(lines(1))
    replaying = ToolReplaying(recording)

    with activated(replaying), pytest.raises(NoRecordedAnswer, match="more items are read"):
        list(lines(1))

    assert replaying.warnings


def test_async_reader_that_leaves_early_is_recorded() -> None:
    """The same for async generators."""

    async def agent() -> None:
        async with aclosing(lines_later(1)) as items:  # type: ignore[type-var]
            async for _ in items:
                break

    recording = ToolRecording()

    with activated(recording):
        asyncio.run(agent())

    assert recording.outcome.value["closed"] is True
    assert recording.outcome.value["async"] is True


def test_generator_talks_both_ways() -> None:
    """`send`, `throw` and the return value work through the declaration, inside and outside."""

    @tool
    def total() -> Any:
        added = 0
        while True:
            try:
                added += yield added
            except LookupError:
                return added

    def conversation() -> Any:
        talk = total()
        seen = [next(talk), talk.send(2), talk.send(3)]
        with pytest.raises(StopIteration) as end:
            talk.throw(LookupError())
        return seen, end.value.value

    recording = ToolRecording()

    with activated(recording):
        inside = conversation()

    assert inside == conversation() == ([0, 2, 5], 5)
    assert recording.outcome.value == {"$type": "generator", "items": [0, 2, 5], "returned": 5}


def test_async_generator_talks_both_ways() -> None:
    """`asend` and `athrow` too."""

    @tool
    async def total() -> Any:
        added = 0
        while True:
            try:
                added += yield added
            except LookupError:
                return

    async def conversation() -> Any:
        talk = total()
        seen = [await anext(talk), await talk.asend(2)]
        with pytest.raises(StopAsyncIteration):
            await talk.athrow(LookupError())
        return seen

    with activated(ToolRecording()):
        inside = asyncio.run(conversation())

    assert inside == asyncio.run(conversation()) == [0, 2]


@tool
async def endless() -> None:
    await asyncio.Event().wait()


async def _impatient() -> str:
    task = asyncio.create_task(endless())
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"
    return "ended"


def test_cancelled_tool_is_cancelled_again() -> None:
    """A call given up when recorded waits to be given up on replay, as the real one did."""
    recording = ToolRecording()
    with activated(recording):
        recorded = asyncio.run(_impatient())

    with activated(ToolReplaying(recording)):
        replayed = asyncio.run(_impatient())

    assert recorded == replayed == "cancelled"
    assert recording.outcome.error["of"] == "asyncio.exceptions:CancelledError"


def test_answer_waits_for_its_turn() -> None:
    """A served result is delivered once the handler says so."""
    recording = ToolRecording()
    with activated(recording):
        lookup(1)

    class Patient(ToolReplaying):
        refused = 2

        def may_deliver(self, answer: Any, *, settled_for: float = 0.0) -> bool:
            self.refused -= 1
            return self.refused < 0

    patient = Patient(recording)

    with activated(patient):
        assert lookup(1) == (1, b"found")

    assert patient.refused < 0
