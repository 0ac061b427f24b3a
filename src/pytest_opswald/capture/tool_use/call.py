"""One use of a tool: asked at the start, told at the end."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import replace
from inspect import unwrap
from typing import Any

from pytest_opswald.capture.codec import encode
from pytest_opswald.capture.declared import Tool
from pytest_opswald.capture.handler import Handler, ToolOutcome, ToolUse, current_tool

from .arguments import bound
from .served import Served

__tracebackhide__ = True  # a refused call is told where the agent made it

_innermost: ContextVar[Tool | None] = ContextVar("opswald_innermost_tool", default=None)


def is_counted(tool: Tool) -> bool:
    """Whether another declaration of the same function has just told this call.

    A function that calls itself comes through the same declaration again: that is a new call.
    """
    outer = _innermost.get()
    if outer is None or outer is tool:
        return False
    return _origin(outer.function) is _origin(tool.function)


def _origin(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    function = unwrap(function)
    return getattr(function, "__func__", function)


class Call:
    """A call that the handler knows of. Making one may raise NoRecordedAnswer."""

    def __init__(
        self, tool: Tool, handler: Handler, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> None:
        self._tool = tool
        self._handler = handler
        self.use = ToolUse(
            tool.name,
            bound(tool.function, args, kwargs),
            parent=current_tool.get(),
            started_ns=time.monotonic_ns(),
            effect=tool.effect,
            is_remote=tool.is_remote,
        )
        self._recorded = handler.on_tool_call(self.use)
        self.served = Served(handler, self.use, self._recorded) if self._recorded else None
        """What was recorded; None when the tool is to be run."""
        self.questions = self._recorded.questions if self._recorded else ()
        """What is to be asked before the recorded outcome is told and handed on."""

    @contextmanager
    def body(self, form: Any = None) -> Iterator[None]:
        """The tool's own code runs; what it raises is told, with the form of the result."""
        with self.inside():
            try:
                yield
            except BaseException as error:
                self.tell(form, error)
                raise

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What is called now is called by the tool."""
        use, tool = current_tool.set(self.use), _innermost.set(self._tool)
        try:
            yield
        finally:
            # A coroutine that nobody awaits any more is closed in another context.
            with suppress(ValueError):
                current_tool.reset(use)
                _innermost.reset(tool)

    def encoded(self, value: Any) -> Any:
        """The value for the golden; its parts that can't be restored are warned about."""
        lost: list[str] = []
        encoded = encode(value, lost=lost, root="result")
        if lost:
            # Without indexes, so that a handler that drops repeated warnings says it once.
            where, _, of = re.sub(r"\[\d+\]", "[]", lost[0]).rpartition(": ")
            self._handler.warn(
                f"tool {self._tool.name}: {where} is a {of}, which a golden holds only as text; "
                "return plain data, a dataclass or a pydantic model to have it back on replay"
            )
        return encoded

    def tell(self, value: Any = None, error: BaseException | None = None) -> None:
        """The tool has ended, with an encoded value or an exception."""
        outcome = ToolOutcome(
            value,
            error=None if error is None else self.encoded(error),
            ended_ns=time.monotonic_ns(),
        )
        self._tell(outcome)

    def tell_recorded(self) -> None:
        """What the recorded call asked has been asked again: it has ended as it did then."""
        if self._recorded:
            self._tell(replace(self._recorded, ended_ns=time.monotonic_ns()))

    def _tell(self, outcome: ToolOutcome) -> None:
        try:
            self._handler.on_tool_result(self.use, outcome)
        except Exception as problem:
            self._handler.warn(f"tool {self._tool.name}: its result was not recorded: {problem!r}")
