"""What servers ask of the agent before they answer: its callbacks are code under test.

Until 2026 a server asks in the middle of a tool call: that its client sample an LLM, or elicit
something from the user. Nobody asks on a replay; the callbacks are then asked as they were when
the call was recorded. Later servers answer a call with what they want to know, and are called
again: there the client asks its callbacks by itself.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Any

from pytest_opswald.capture.declared import Tool
from pytest_opswald.capture.handler import active, current_tool
from pytest_opswald.capture.tool_use.call import Call

from .messages import no_longer, parsed, plain

_CALLBACKS = {
    "sampling/createMessage": ("_sampling_callback", "CreateMessageRequest"),
    "elicitation/create": ("_elicitation_callback", "ElicitRequest"),
}
"""By method: where sessions keep what answers it, and the class of its requests."""
_ASKS_APART = "2026-07-28"
"""Version of the protocol from which on a server asks by the result of a call instead."""


class Questions:
    """The callbacks of every session, and the calls that they may be asked in."""

    def __init__(self) -> None:
        self._open: dict[int, list[Call]] = defaultdict(list)
        """Tool calls in flight by the identity of their session, the oldest first."""

    @contextmanager
    def patched(self, session: Any) -> Iterator[None]:
        """Watch the callbacks of all sessions of this class."""
        with ExitStack() as undo:
            for method, (name, _) in _CALLBACKS.items():
                if not hasattr(session, name):
                    setattr(session, name, _Callback(name, method, self._watched))
                    undo.callback(delattr, session, name)
            yield

    @contextmanager
    def within(self, session: Any, call: Call) -> Iterator[None]:
        """What the session's server asks now, it asks because of this call."""
        calls = self._open[id(session)]
        calls.append(call)
        try:
            yield
        finally:
            calls.remove(call)
            if not calls:
                del self._open[id(session)]

    async def asked_again(self, session: Any, call: Call) -> None:
        """Ask what was asked when this call was recorded.

        What a callback raises reaches nobody but its server; the trace has it.
        """
        with self.within(session, call), call.inside():
            for method, params in call.questions:
                name, kind = _CALLBACKS[method]
                request = getattr(sys.modules["mcp.types"], kind)
                asked = request.model_validate({"method": method, "params": params}).params
                with suppress(Exception):
                    await getattr(session, name)(_context(session), asked)

    def _watched(self, session: Any, method: str, callback: Callable[..., Any]) -> Any:
        tool = Tool(_by_name, method)

        async def answered(context: Any, params: Any) -> Any:
            if (handler := active()) is None:
                return await callback(context, params)
            with self._asking(session):
                call = Call(tool, handler, (), _said(params))
                if call.served:
                    answer = sys.modules["mcp.client.session"].ClientResponse
                    return parsed(answer, await call.served.awaited())
                with call.body():
                    result = await callback(context, params)
                call.tell(call.encoded(plain(result)))
                return result

        return answered

    def _asking(self, session: Any) -> AbstractContextManager[None]:
        """Inside of the call that the server asks in; of several, that which waits longest."""
        calls = self._open.get(id(session), [])
        is_inside = any(call.use is current_tool.get() for call in calls)
        version = getattr(session, "protocol_version", None) or ""  # the first major tells none
        if is_inside or not calls or version >= _ASKS_APART:
            return nullcontext()
        return calls[0].inside()


class _Callback:
    """In place of an attribute of sessions: what they keep there, watched when it is called."""

    def __init__(self, name: str, method: str, watched: Callable[..., Any]) -> None:
        self._name = name
        self._method = method
        self._watched = watched

    def __get__(self, session: Any, owner: Any = None) -> Any:
        if session is None:
            return self
        callback = vars(session).get(self._name)
        if callback is None:
            raise no_longer(f"keeps ClientSession.{self._name}")
        # A session without one offers nothing; it tells by identity.
        default = getattr(sys.modules["mcp.client.session"], f"_default{self._name}", None)
        return callback if callback is default else self._watched(session, self._method, callback)

    def __set__(self, session: Any, callback: Any) -> None:
        vars(session)[self._name] = callback


def _by_name(**params: Any) -> None:
    """The signature of every callback, for us."""


def _said(params: Any) -> dict[str, Any]:
    said = params.model_dump(by_alias=True, mode="json", exclude_none=True)
    return {name: value for name, value in said.items() if name != "_meta"}


def _context(session: Any) -> Any:
    """What callbacks are told of the session, in either major."""
    if second := getattr(sys.modules["mcp.client.session"], "ClientRequestContext", None):
        return second(session=session, request_id=0)
    first = sys.modules["mcp.shared.context"].RequestContext
    return first(request_id=0, meta=None, session=session, lifespan_context=None)
