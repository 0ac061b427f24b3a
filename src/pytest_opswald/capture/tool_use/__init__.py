"""What a declared tool does inside a run: ask the handler, serve or run, tell the outcome.

Nothing of ours is raised into the agent but `NoRecordedAnswer`; what the tool returns or raises
reaches the agent as it is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from inspect import isasyncgen, iscoroutine, isgenerator
from typing import Any

from pytest_opswald.capture.declared import Tool, relay
from pytest_opswald.capture.handler import Handler

from .call import Call, is_counted
from .items import RecordedAsyncItems, RecordedItems

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def plain(tool: Tool, handler: Handler, args: Args, kwargs: Kwargs) -> Any:
    """The result of a plain function."""
    if is_counted(tool):
        return tool.function(*args, **kwargs)
    call = Call(tool, handler, args, kwargs)
    if call.served:
        return call.served.given()
    with call.body():
        result = tool.function(*args, **kwargs)
    return _handed_over(call, result)


async def coroutine(tool: Tool, handler: Handler, args: Args, kwargs: Kwargs) -> Any:
    """The result of a coroutine function."""
    if is_counted(tool):
        return await tool.function(*args, **kwargs)
    call = Call(tool, handler, args, kwargs)
    if call.served:
        return await call.served.awaited()
    with call.body():
        result = await tool.function(*args, **kwargs)
    return _handed_over(call, result)


def generator(tool: Tool, handler: Handler, args: Args, kwargs: Kwargs) -> Generator[Any, Any, Any]:
    """The items of a generator function."""
    if is_counted(tool):
        source: Generator[Any, Any, Any] = tool.function(*args, **kwargs)
        return source
    call = Call(tool, handler, args, kwargs)
    if call.served:
        return call.served.items()
    with call.body():
        source = tool.function(*args, **kwargs)
    return RecordedItems(call, source)


def async_generator(
    tool: Tool, handler: Handler, args: Args, kwargs: Kwargs
) -> AsyncGenerator[Any, Any]:
    """The items of an async generator function."""
    if is_counted(tool):
        source: AsyncGenerator[Any, Any] = tool.function(*args, **kwargs)
        return source
    call = Call(tool, handler, args, kwargs)
    if call.served:
        return call.served.async_items()
    with call.body():
        source = tool.function(*args, **kwargs)
    return RecordedAsyncItems(call, source)


def _handed_over(call: Call, result: Any) -> Any:
    """The result as the agent gets it: itself, or watched where the work is still to be done."""
    if iscoroutine(result):
        return _awaited(call, result)
    if isgenerator(result):
        return _iterated(RecordedItems(call, result))
    if isasyncgen(result):
        return relay(lambda: RecordedAsyncItems(call, result))()
    call.tell(call.encoded(result))
    return result


async def _awaited(call: Call, work: Coroutine[Any, Any, Any]) -> Any:
    form = {"$type": "awaitable"}
    with call.body(form):
        result = await work
    call.tell({**form, "value": call.encoded(result)})
    return result


def _iterated(items: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
    return (yield from items)
