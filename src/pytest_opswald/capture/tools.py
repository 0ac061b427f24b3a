"""`@opswald.tool`: declare a function as a tool of the agent.

Production code imports this: nothing but the standard library is imported here, and outside a run
a call costs one look at a global. What happens inside a run is in `tool_use`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, TypeVar, overload

from pytest_opswald.trace.effects import Effect, parse_effect

from .declared import MARK, Tool, declaration_of, is_tool, relay
from .handler import active

__tracebackhide__ = True  # a refused call is told where the agent made it

F = TypeVar("F", bound=Callable[..., Any])


@overload
def tool(function: F, /, *, name: str | None = None, effect: Effect | None = None) -> F: ...
@overload
def tool(*, name: str | None = None, effect: Effect | None = None) -> Callable[[F], F]: ...
def tool(function: Any = None, /, *, name: str | None = None, effect: Effect | None = None) -> Any:
    """Record what this function is asked and returns; on replay, return it without running.

    Takes functions, coroutine functions, generators sync and async, methods (above or below
    `@staticmethod` and `@classmethod`), partials and other callables. What it returns has the same
    signature, type and documentation.

    Args:
        name: Name the LLM knows the tool by; the function's own if not given.
        effect: What a call does to the world; guessed from the name if not given. A replay with a
            live model judges the calls that are not `read`, and never makes up a result for them.

    Raises:
        TypeError: for a class, or something that can't be called.
        ValueError: for an effect that is none.
    """
    if effect is not None:
        parse_effect(effect)
    if function is None:
        return functools.partial(tool, name=name, effect=effect)
    if isinstance(function, staticmethod | classmethod):
        return type(function)(tool(function.__func__, name=name, effect=effect))
    if not callable(function) or inspect.isclass(function):
        raise TypeError(f"@tool takes a function or method, not {function!r}")
    if is_tool(function):
        return function
    beneath = declaration_of(function)  # declared already, under another decorator
    if beneath:
        name, effect = name or beneath.name, effect or beneath.effect
    return _wrapper(Tool(function, name or _name_of(function), effect))


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def _wrapper(declared: Tool) -> Callable[..., Any]:
    function = declared.function
    wrapper = functools.update_wrapper(_kind_of(function)(declared), function)
    wrapper.__name__ = _name_of(function)  # partials and callable objects have none
    setattr(wrapper, MARK, declared)
    return wrapper


def _kind_of(function: Any) -> Callable[[Tool], Callable[..., Any]]:
    called = getattr(type(function), "__call__", None)  # noqa: B004
    for is_kind, kind in _KINDS.items():
        if is_kind(function) or is_kind(called):
            return kind
    return _plain


def _plain(declared: Tool) -> Callable[..., Any]:
    function = declared.function

    def call(*args: Any, **kwargs: Any) -> Any:
        if (handler := active()) is None:
            return function(*args, **kwargs)
        from . import tool_use

        return tool_use.plain(declared, handler, args, kwargs)

    return call


def _coroutine(declared: Tool) -> Callable[..., Any]:
    function = declared.function

    async def call(*args: Any, **kwargs: Any) -> Any:
        if (handler := active()) is None:
            return await function(*args, **kwargs)
        from . import tool_use

        return await tool_use.coroutine(declared, handler, args, kwargs)

    return call


def _generator(declared: Tool) -> Callable[..., Any]:
    function = declared.function

    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        if (handler := active()) is None:
            return (yield from function(*args, **kwargs))
        from . import tool_use

        return (yield from tool_use.generator(declared, handler, args, kwargs))

    return call


def _async_generator(declared: Tool) -> Callable[..., Any]:
    function = declared.function

    def opened(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        if (handler := active()) is None:
            source: AsyncGenerator[Any, Any] = function(*args, **kwargs)
            return source
        from . import tool_use

        return tool_use.async_generator(declared, handler, args, kwargs)

    return relay(opened)


_KINDS: dict[Callable[[Any], bool], Callable[[Tool], Callable[..., Any]]] = {
    inspect.isasyncgenfunction: _async_generator,
    inspect.isgeneratorfunction: _generator,
    inspect.iscoroutinefunction: _coroutine,
}
"""Everything else is plain: also a function that returns one of these things."""
