"""What LLMs call the tools of MCP servers."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_opswald.trace.steps import Step, ToolCall

_JOINTS = "_-./:"


def stands_for(function: str, tool: str) -> bool:
    """Whether an LLM that asks for `function` may mean a server's `tool`.

    Clients of several servers put the server in front: `books_search`, `mcp__books__search`.
    """
    return function == tool or function.endswith(tuple(joint + tool for joint in _JOINTS))


def meant_by(function: str, steps: Iterable[Step]) -> tuple[str, bool]:
    """The tool that an LLM asks for, by what was recorded, and whether a server has it."""
    calls = [step for step in steps if isinstance(step, ToolCall)]
    named = [call for call in calls if call.input.tool == function]
    alike = [call for call in calls if call.remote and stands_for(function, call.input.tool)]
    call = next(iter((*named, *alike)), None)
    return (call.input.tool, call.remote) if call else (function, False)
