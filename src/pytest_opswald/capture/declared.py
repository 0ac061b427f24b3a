"""What a declared tool is, for those who declare it and those who run it."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pytest_opswald.trace.effects import Effect

MARK = "__opswald_tool__"


@dataclass(frozen=True, slots=True, eq=False)
class Tool:
    """A declared tool; compared by identity."""

    function: Callable[..., Any]
    """The real thing."""
    name: str
    """What the LLM knows it by."""
    effect: Effect | None = None
    """What it does to the world, when its author said so."""
    is_remote: bool = False
    """Whether an MCP server does it: then `effect` is the server's word."""


def declaration_of(function: Any) -> Tool | None:
    """The declaration of a tool, also through decorators around it."""
    declared = getattr(function, MARK, None)
    return declared if isinstance(declared, Tool) else None


def is_tool(function: Any) -> bool:
    """Whether it is what `tool` made, and not a decorator around that."""
    declared = declaration_of(function)  # `functools.wraps` copies the mark outwards
    return declared is not None and getattr(function, "__wrapped__", None) is declared.function


def relay(opened: Callable[..., AsyncGenerator[Any, Any]]) -> Callable[..., Any]:
    """An async generator function around one: `yield from`, which async generators lack."""

    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        source = opened(*args, **kwargs)
        step: Callable[[], Awaitable[Any]] = source.__anext__
        while True:
            try:
                item = await step()
            except StopAsyncIteration:
                return
            try:
                sent = yield item
            except GeneratorExit:
                await source.aclose()
                raise
            except BaseException as thrown:
                step = functools.partial(source.athrow, thrown)
            else:
                step = functools.partial(source.asend, sent)

    return call
