"""What MCP servers are called in goldens, and what their lists of tools say."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_opswald.capture.mcp.messages import effects_in
from pytest_opswald.capture.mcp.servers import at_endpoint, at_origin, started_by

COMMANDS = {
    "npx -y @modelcontextprotocol/server-github": "npx -y server-github",
    "/home/me/.venv/bin/python /home/me/shop/server.py": "python server.py",
    r"C:\\Python\\python.exe C:\\shop\\server.py": "python.exe server.py",
    "uvx mcp-server --token ghp_1234 --port 80": "uvx mcp-server --token --port 80",
    "uvx mcp-server --api-key=sk-1234 -v": "uvx mcp-server --api-key -v",
    "uvx pg postgresql://me:secret@db/shop": "uvx pg shop",
    "uvx mcp-server what?#now": "uvx mcp-server what%3F%23now",
}


@pytest.mark.parametrize(("command", "name"), COMMANDS.items(), ids=COMMANDS.values())
def test_a_child_is_called_by_its_command_line(command: str, name: str) -> None:
    """The same on every machine: without folders, and without secrets."""
    program, *arguments = command.split()

    server = started_by(SimpleNamespace(command=program, args=arguments))

    assert (server.name, server.traffic) == (name, "")


def test_a_server_behind_http_is_called_by_its_url() -> None:
    """Without credentials, and without a port of this machine that may be another tomorrow."""
    assert at_endpoint("https://me:secret@mcp.example.com/mcp").name == "mcp.example.com/mcp"
    assert at_endpoint("http://127.0.0.1:8123/mcp").name == "localhost/mcp"


def test_the_traffic_of_a_server_is_what_goes_to_its_url_or_host() -> None:
    """With SSE the server names a second URL of its host."""
    assert at_endpoint("https://mcp.example.com/mcp").traffic == "https://mcp.example.com/mcp"
    assert at_origin("https://mcp.example.com/sse").traffic == "https://mcp.example.com/"


@pytest.mark.parametrize(
    ("annotations", "effect"),
    [
        ({"readOnlyHint": True}, "read"),
        ({"readOnlyHint": True, "destructiveHint": True}, "read"),
        ({"readOnlyHint": False}, "write"),
        ({"destructiveHint": False}, "write"),
        ({"destructiveHint": True, "idempotentHint": False}, "write"),
        ({"idempotentHint": True}, "idempotent_write"),
        ({"title": "Ship", "openWorldHint": True}, None),
        (None, None),
    ],
)
def test_annotations_say_what_a_tool_does(annotations: Any, effect: str | None) -> None:
    """A tool of which nothing is said is left to others."""
    found = dict(effects_in({"tools": [{"name": "ship", "annotations": annotations}]}))

    assert found.get("ship") == effect
