"""What sessions ask: their tool calls are steps, the rest are exchanges."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any

from pytest_opswald.capture.declared import Tool
from pytest_opswald.capture.handler import Handler, active
from pytest_opswald.capture.tool_use.call import Call
from pytest_opswald.trace.effects import Effect

from .exchanges import exchanged
from .messages import asked_by, effects_in, no_longer, parsed, plain
from .questions import Questions
from .servers import Server

Ask = Callable[[], Awaitable[Any]]
"""Asks the server itself."""


class Sessions:
    """Every session of one run, and what their servers say that tools do."""

    def __init__(self, server_of: Callable[[Any], Server | None]) -> None:
        self._server_of = server_of
        self._effects: dict[str, Effect] = {}
        self._questions = Questions()

    @contextmanager
    def patched(self, session: Any) -> Iterator[None]:
        """Watch all sessions of this class; the second major asks for more than the first."""
        if not hasattr(session, "send_request"):
            raise no_longer("asks through ClientSession.send_request")
        with (
            _replaced(session, "send_request", self._request),
            _replaced(session, "send_discover", self._discovery),
            self._questions.patched(session),
        ):
            yield

    def _request(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        async def send_request(
            session: Any, request: Any, result_type: Any, *args: Any, **kwargs: Any
        ) -> Any:
            ask = partial(original, session, request, result_type, *args, **kwargs)
            if (handler := active()) is None:
                return await ask()
            method, params = asked_by(request)
            if method == "tools/call":
                return await self._called(session, handler, params, result_type, ask)
            if server := self._server_of(session):
                result = await exchanged(handler, server, method, params, result_type, ask)
            else:
                result = await ask()
            self._effects.update(effects_in(plain(result)))
            return result

        return send_request

    def _discovery(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(original)
        async def send_discover(session: Any, *args: Any, **kwargs: Any) -> Any:
            ask = partial(original, session, *args, **kwargs)
            handler, server = active(), self._server_of(session)
            if handler is None or server is None:
                return await ask()
            return await exchanged(handler, server, "server/discover", {}, dict, ask)

        return send_discover

    async def _called(
        self, session: Any, handler: Handler, params: dict[str, Any], result_type: Any, ask: Ask
    ) -> Any:
        name = params["name"]
        tool = Tool(_by_name, name, self._effects.get(name), is_remote=True)
        call = Call(tool, handler, (), params.get("arguments") or {})
        if call.served:
            if call.questions:
                await self._questions.asked_again(session, call)
                call.tell_recorded()
            return parsed(result_type, await call.served.awaited())
        with self._questions.within(session, call), call.body():
            result = await ask()
        call.tell(call.encoded(plain(result)))
        return result


def _by_name(**arguments: Any) -> None:
    """The signature of every remote tool, for us."""


@contextmanager
def _replaced(
    session: Any, name: str, watched: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Iterator[None]:
    original = getattr(session, name, None)
    if original is None or hasattr(original, "watched_by_opswald"):
        yield
        return
    is_own = name in vars(session)
    ours: Any = watched(original)
    ours.watched_by_opswald = True
    setattr(session, name, ours)
    try:
        yield
    finally:
        if getattr(session, name) is ours:  # else somebody built on top of it
            if is_own:
                setattr(session, name, original)
            else:
                delattr(session, name)
