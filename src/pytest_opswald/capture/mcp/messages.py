"""Requests and results of sessions, as they stand on the wire and in a golden."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pytest_opswald.errors import OpswaldError
from pytest_opswald.trace.effects import Effect

_SAID = ("readOnlyHint", "destructiveHint", "idempotentHint")
_STATE = "requestState"
_SEALED = "sealed by the server"
"""What stands for the state that a server has its client keep while it asks something: only the
server can read it, and it is another one each time."""


def asked_by(request: Any) -> tuple[str, dict[str, Any]]:
    """Method and parameters, without what belongs to one transmission only."""
    message = request.model_dump(by_alias=True, mode="json", exclude_none=True)
    params = _without_state(message.get("params", {}))
    return message["method"], {key: value for key, value in params.items() if key != "_meta"}


def plain(result: Any) -> Any:
    """A result as it came over the wire: no field that the server left out."""
    if isinstance(result, dict):
        return _without_state(result)
    return _without_state(result.model_dump(by_alias=True, mode="json", exclude_unset=True))


def _without_state(message: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _SEALED if key == _STATE and it else it for key, it in message.items()}


def parsed(kind: Any, result: Any) -> Any:
    """A plain result as the session reads it; `kind` is a model, an adapter or `dict`."""
    if kind is dict:
        return result
    read = getattr(kind, "model_validate", None) or kind.validate_python
    return read(result)


def error_in(problem: BaseException) -> Any:
    """The error that a server answered with, when this is one; None if not."""
    answered = getattr(problem, "error", None)
    return plain(answered) if hasattr(answered, "model_dump") else None


def raised_by(error: Mapping[str, Any]) -> Exception:
    """The library's exception for an error that a server answered with."""
    mcp: Any = sys.modules["mcp"]
    data = mcp.ErrorData.model_validate(error)
    if first := getattr(mcp, "McpError", None):
        return cast(Exception, first(data))
    return cast(Exception, mcp.MCPError.from_error_data(data))


def effects_in(listing: Mapping[str, Any]) -> Iterator[tuple[str, Effect]]:
    """What a list of tools says that they do, where it says so."""
    for tool in listing.get("tools", ()):
        said = tool.get("annotations") or {}
        if effect := _effect(*(said.get(name) for name in _SAID)):
            yield tool["name"], effect


def _effect(reads: bool | None, destroys: bool | None, repeats: bool | None) -> Effect | None:
    if reads:
        return "read"
    if reads is destroys is repeats is None:
        return None
    return "idempotent_write" if repeats else "write"


def no_longer(does: str) -> OpswaldError:
    """What to raise where the library lacks a place that we watch: a silent gap is worse."""
    return OpswaldError(
        f"mcp no longer {does}: its calls can be neither recorded nor replayed.\n"
        "Upgrade pytest-opswald, or install an earlier release of mcp."
    )
