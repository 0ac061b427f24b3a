"""An agent whose tools an MCP server has, with another model and without the server."""

from __future__ import annotations

import pytest

from local_provider import Ask, Call, Reply, Say
from tests.language import Project

pytest.importorskip("mcp")

SERVER = """
try:
    from mcp.server.mcpserver import MCPServer as Server
except ImportError:
    from mcp.server.fastmcp import FastMCP as Server

from mcp.types import ToolAnnotations

from ran import ran

server = Server("books")


@server.tool(annotations=ToolAnnotations.model_validate({"readOnlyHint": True}))
def order_status(order: int) -> str:
    ran("order_status")
    return f"order {order} is paid"


@server.tool(annotations=ToolAnnotations.model_validate({"destructiveHint": True}))
def refund(order: int) -> str:
    ran("refund")
    return f"order {order} is refunded"


server.run("stdio")
"""

AGENT = """
import asyncio
import json
import pathlib
import sys

from mcp import ClientSession, StdioServerParameters, stdio_client
from openai import AsyncOpenAI

SERVER = str(pathlib.Path(__file__).with_name("server.py"))


async def answer(question):
    parameters = StdioServerParameters(command=sys.executable, args=[SERVER])
    async with stdio_client(parameters) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = (await session.list_tools()).model_dump(by_alias=True)["tools"]
        return await talk(session, [schema(tool) for tool in tools], question)


def schema(tool):
    described = {"name": f"books__{tool['name']}", "parameters": tool["inputSchema"]}
    return {"type": "function", "function": described}


async def talk(session, tools, question):
    messages = [{"role": "user", "content": question}]
    while True:
        reply = (
            await AsyncOpenAI().chat.completions.create(
                model="gpt-5.2", messages=messages, tools=tools
            )
        ).choices[0].message
        messages.append(reply)
        if not reply.tool_calls:
            return reply.content
        calls = [
            session.call_tool(
                call.function.name.removeprefix("books__"), json.loads(call.function.arguments)
            )
            for call in reply.tool_calls
        ]
        for call, result in zip(reply.tool_calls, await asyncio.gather(*calls)):
            text = result.content[0].text
            messages.append({"role": "tool", "tool_call_id": call.id, "content": text})
"""

TEST = """
import asyncio

from agent import answer

def test_refund(opswald):
    asyncio.run(answer("Refund orders 1 and 2."))
"""


def model(ask: Ask) -> Reply:
    """Looks at both orders at once, refunds both at once."""
    if not ask.results:
        return [Call("books__order_status", order=1), Call("books__order_status", order=2)]
    if len(ask.results) == 2:
        return [Call("books__refund", order=1), Call("books__refund", order=2)]
    return Say("Both are refunded.")


def test_another_model_gets_the_results_of_a_server_that_is_gone(project: Project) -> None:
    """Its tools are neither declared nor run, and what it said of them is in the golden."""
    project(agent=AGENT, server=SERVER, test=TEST, script=model)
    recorded = project.run("--opswald-record")
    (project.path / "server.py").unlink()

    unmodified = project.run("--opswald-replay")
    swapped = project.run("--opswald-replay", "--opswald-model=gpt-5.2-mini")

    assert (recorded.tool_calls, unmodified.tool_calls, swapped.tool_calls) == (4, 0, 0)
    assert (unmodified.provider_calls, swapped.provider_calls) == (0, 3)
    for run in (recorded, unmodified, swapped):
        assert run.outcomes == {"passed": 1}, run.report
        assert "not declared" not in run.report
        assert "kept as plain HTTP" not in run.report
    golden = project.golden()
    assert golden.effects == {"order_status": "read (mcp)", "refund": "write (mcp)"}
    assert golden.trace.tools == ("order_status", "refund")
