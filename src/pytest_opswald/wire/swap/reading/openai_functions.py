"""Chat completions requests of 2023, in today's words: functions are tools called one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.swap.fields import present


def modern(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same request with tools; itself when it has no functions.

    Raises CannotSend for a result without a call.
    """
    messages = body.get("messages") or ()
    if not (body.get("functions") or any(map(_is_old, messages))):
        return body
    others = {
        key: value for key, value in body.items() if key not in ("functions", "function_call")
    }
    tools = [{"type": "function", "function": function} for function in body.get("functions") or ()]
    choice = body.get("function_call")
    chosen = {"type": "function", "function": choice} if isinstance(choice, Mapping) else choice
    return {
        **others,
        "messages": list(_messages(messages)),
        **present(tools=[*tools, *(body.get("tools") or ())], tool_choice=chosen),
        "parallel_tool_calls": False,
    }


def _is_old(message: Mapping[str, Any]) -> bool:
    return message.get("role") == "function" or bool(_called(message))


def _called(message: Mapping[str, Any]) -> Any:
    call = message.get("function_call") or {}
    return call if call.get("name") else None


def _messages(messages: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Calls get ids, by which their results are told apart."""
    call_id = None
    for place, message in enumerate(messages):
        if call := _called(message):
            call_id = f"call_{place}"
            said = {key: value for key, value in message.items() if key != "function_call"}
            yield {**said, "tool_calls": [{"id": call_id, "type": "function", "function": call}]}
        elif message.get("role") == "function":
            if call_id is None:
                raise CannotSend(f"the result of {message.get('name')} answers no function call")
            yield {"role": "tool", "tool_call_id": call_id, "content": message.get("content") or ""}
        else:
            yield message
