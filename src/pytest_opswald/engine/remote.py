"""What LLMs call the tools of MCP servers."""

from __future__ import annotations

_JOINTS = "_-./:"


def stands_for(function: str, tool: str) -> bool:
    """Whether an LLM that asks for `function` may mean a server's `tool`.

    Clients of several servers put the server in front: `books_search`, `mcp__books__search`.
    """
    return function == tool or function.endswith(tuple(joint + tool for joint in _JOINTS))
