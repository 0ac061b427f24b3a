"""What a session asks of its server besides tool calls: recorded, and served, as an exchange."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pytest_opswald.capture.calls import ABANDONED, LiveCall, decide
from pytest_opswald.capture.handler import MCP, Handler, current_tool
from pytest_opswald.capture.turns import PATIENCE_SECONDS, Turn, pause
from pytest_opswald.errors import NoRecordedAnswer
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.wire.json_text import dump

from .messages import error_in, parsed, plain, raised_by
from .servers import Server

_JSON = (("content-type", "application/json"),)
_HANDSHAKES = frozenset({"initialize", "server/discover"})
"""Their parameters tell the library's version, and nothing that the agent decides."""


async def exchanged(
    handler: Handler,
    server: Server,
    method: str,
    params: Mapping[str, Any],
    kind: Any,
    ask: Callable[[], Awaitable[Any]],
) -> Any:
    """The server's result, or the golden's, read as `kind`; raises what the library raised."""
    answer = decide(handler, _request(server, method, params))
    if isinstance(answer, Request):
        return await _reported(LiveCall(handler, answer, _decoded), ask)
    if isinstance(answer, Response | Failure):
        await Turn(handler, answer).awaited()
        return parsed(kind, await _result(answer))
    raise NoRecordedAnswer(f"{method} of MCP server {server.name} can't take a detour")


def _request(server: Server, method: str, params: Mapping[str, Any]) -> Request:
    body = dump(params) if params and method not in _HANDSHAKES else b""
    url = f"mcp:{server.name}/{method}"
    return Request(MCP, url, _JSON, body, parent=current_tool.get())


async def _reported(call: LiveCall, ask: Callable[[], Awaitable[Any]]) -> Any:
    try:
        result = await ask()
    except BaseException as problem:
        if (error := error_in(problem)) is None:
            call.broke(problem)
        else:
            _answered(call, {"error": error})
        raise
    _answered(call, {"result": plain(result)})
    return result


def _answered(call: LiveCall, message: Mapping[str, Any]) -> None:
    call.arrived(200, _JSON)
    call.ended_read(dump(message))


async def _result(answer: Response | Failure) -> Any:
    if isinstance(answer, Failure):
        if answer.kind == ABANDONED:
            await pause(PATIENCE_SECONDS)
        raise ConnectionError(f"{answer.kind}: {answer.message}")
    message = json.loads(answer.body)
    if answer.status != 200:
        raise NoRecordedAnswer(message["error"]["message"])
    if "error" in message:
        raise raised_by(message["error"])
    return message["result"]


def _decoded(status: int, headers: Any, chunks: list[bytes]) -> tuple[bytes, ...]:
    return tuple(chunks)
