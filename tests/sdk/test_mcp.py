"""Real sessions of the MCP SDK with real servers: recorded, then replayed with nobody there."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.capture.tools import tool
from pytest_opswald.runs import record, replay
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from tests.sdk.books_server import books, serving

mcp: Any = pytest.importorskip("mcp")

NOWHERE = "http://127.0.0.1:9"
Connect = Callable[[str], AbstractAsyncContextManager[Any]]


@asynccontextmanager
async def over_http(url: str) -> AsyncIterator[Any]:
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(url=f"{url}/mcp") as (answers, questions, *_),
        mcp.ClientSession(answers, questions) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def over_sse(url: str) -> AsyncIterator[Any]:
    from mcp.client.sse import sse_client

    async with (
        sse_client(f"{url}/sse") as streams,
        mcp.ClientSession(*streams) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def over_pipes(command: str, *arguments: str) -> AsyncIterator[Any]:
    server = mcp.StdioServerParameters(command=command, args=list(arguments))
    async with mcp.stdio_client(server) as streams, mcp.ClientSession(*streams) as session:
        await session.initialize()
        yield session


async def asked(session: Any) -> list[Any]:
    """Whatever an agent may ask, results and errors alike."""
    found = [
        await session.list_tools(),
        await session.call_tool("title_of", {"order": 42}),
        await session.call_tool("title_of", {"order": -1}),
        await session.call_tool("ship", {"order": 42}),
        await session.read_resource("books://shelf"),
    ]
    with pytest.raises(Exception, match="books://cellar") as refused:
        await session.read_resource("books://cellar")
    return [*found, type(refused.value), str(refused.value), vars(refused.value)]


def run(connected: AbstractAsyncContextManager[Any], ask: Callable[[Any], Any] = asked) -> Any:
    async def agent() -> Any:
        async with connected as session:
            return await ask(session)

    return asyncio.run(agent())


@pytest.mark.parametrize(
    ("connect", "path"),
    [(over_http, "streamable_http_app"), (over_sse, "sse_app")],
    ids=["streamable HTTP", "SSE"],
)
def test_a_replay_needs_no_server_behind_http(tmp_path: Path, connect: Connect, path: str) -> None:
    """Equal results and errors, zero executions."""
    ran: list[str] = []
    with serving(ran.append, path) as url, record(tmp_path / "books.json"):
        first = run(connect(url))
    recorded = len(ran)

    with replay(tmp_path / "books.json") as replayed:
        second = run(connect(NOWHERE))

    assert second == first
    assert (recorded, len(ran)) == (3, 3)
    assert not replayed.verdict.failed


def test_a_replay_starts_no_child(tmp_path: Path) -> None:
    """The server's program need not even be installed."""
    log = tmp_path / "ran.log"
    arguments = ("-m", "tests.sdk.books_server", str(log))
    with record(tmp_path / "books.json"):
        first = run(over_pipes(sys.executable, *arguments))
    recorded = log.read_text()
    elsewhere = f"/not/installed/{Path(sys.executable).name}"

    with replay(tmp_path / "books.json") as replayed:
        second = run(over_pipes(elsewhere, *arguments))

    assert second == first
    assert recorded == log.read_text() == "title_of\ntitle_of\nship\n"
    assert not replayed.verdict.failed


@pytest.mark.skipif(not hasattr(mcp, "Client"), reason="the second major's")
def test_the_client_of_the_second_major_needs_no_server_either(tmp_path: Path) -> None:
    """Its handshake is another one."""
    ran: list[str] = []

    async def ask(client: Any) -> Any:
        return await client.list_tools(), await client.call_tool("ship", {"order": 42})

    with serving(ran.append) as url, record(tmp_path / "books.json"):
        first = run(mcp.Client(f"{url}/mcp"), ask)

    with replay(tmp_path / "books.json") as replayed:
        second = run(mcp.Client(f"{NOWHERE}/mcp"), ask)

    assert second == first
    assert ran == ["ship"]
    assert not replayed.verdict.failed


def in_memory(ran: Callable[[str], None]) -> AbstractAsyncContextManager[Any]:
    """A session with a server in this process."""
    if hasattr(mcp, "Client"):
        client: AbstractAsyncContextManager[Any] = mcp.Client(books(ran))
        return client
    from mcp.shared.memory import create_connected_server_and_client_session

    session: AbstractAsyncContextManager[Any] = create_connected_server_and_client_session(
        books(ran)._mcp_server
    )
    return session


async def ship(session: Any) -> Any:
    return await session.call_tool("ship", {"order": 42})


def test_a_server_in_the_process_is_code_under_test(tmp_path: Path) -> None:
    """It is started, and what it offers is seen; its tools are not executed."""
    ran: list[str] = []
    with record(tmp_path / "books.json") as recording:
        first = run(in_memory(ran.append), ship)

    with replay(tmp_path / "books.json") as replayed:
        second = run(in_memory(ran.append), ship)

    assert second == first
    assert ran == ["ship"]
    assert not replayed.verdict.failed
    assert types(recording.golden) == ["tool_call", "tool_result"]


def test_what_servers_say_of_their_tools_stands_in_the_golden(tmp_path: Path) -> None:
    """For somebody to look at, like a guess; a tool that nothing is said of has its name only."""

    async def ask(session: Any) -> None:
        await session.list_tools()
        await session.call_tool("title_of", {"order": 42})
        await session.call_tool("ship", {"order": 42})
        await session.call_tool("weather", {"city": "Paris"})

    with record(tmp_path / "books.json") as recording:
        run(in_memory(lambda name: None), ask)

    assert recording.golden is not None
    assert recording.golden.effects == {
        "ship": "idempotent_write (mcp)",
        "title_of": "read (mcp)",
        "weather": "unknown (guessed)",
    }


def test_a_result_that_is_an_error_is_an_error_of_the_step(tmp_path: Path) -> None:
    """A call that failed did nothing to the world."""
    with record(tmp_path / "books.json") as recording:
        run(in_memory(lambda name: None), lambda s: s.call_tool("title_of", {"order": -1}))

    assert recording.golden is not None
    _, result = recording.golden.trace.steps
    assert result.error is not None
    assert result.error.message.startswith("Error executing tool title_of")


def test_a_declared_tool_that_calls_a_server_is_one_step(tmp_path: Path) -> None:
    """What it asks is its own affair; on replay it is not asked."""
    ran: list[str] = []

    @tool
    def send(order: int) -> str:
        return str(run(in_memory(ran.append), ship).content[0].text)

    with record(tmp_path / "books.json") as recording:
        first = send(42)

    with replay(tmp_path / "books.json") as replayed:
        second = send(42)

    assert second == first
    assert ran == ["ship"]
    assert types(recording.golden) == ["tool_call", "tool_result"]
    assert not replayed.verdict.failed


def test_a_call_that_was_not_recorded_is_refused(tmp_path: Path) -> None:
    """It reaches no server, and the journal tells."""
    ran: list[str] = []
    with serving(ran.append) as url:
        with record(tmp_path / "books.json"):
            run(over_http(url), ship)

        async def ask(session: Any) -> Any:
            return await session.call_tool("weather", {"city": "Paris"})

        with (
            replay(tmp_path / "books.json") as replayed,
            pytest.RaisesGroup(pytest.RaisesExc(match="weather"), flatten_subgroups=True),
        ):
            run(over_http(url), ask)

    assert ran == ["ship"]
    assert "CACHE_MISS" in replayed.verdict.reason_codes


def test_a_question_that_was_not_recorded_is_refused(tmp_path: Path) -> None:
    """Whatever else a session asks is held to the golden, too."""
    with serving(lambda name: None) as url, record(tmp_path / "books.json"):
        run(over_http(url), ship)

    with (
        replay(tmp_path / "books.json") as replayed,
        pytest.RaisesGroup(pytest.RaisesExc(match="resources/read"), flatten_subgroups=True),
    ):
        run(over_http(NOWHERE), lambda session: session.read_resource("books://shelf"))

    assert "REQUEST_DRIFT" in replayed.verdict.reason_codes


def test_tools_that_may_run_have_their_server(tmp_path: Path) -> None:
    """A modified replay that lets tools that read run for real connects for real."""
    ran: list[str] = []

    async def ask(session: Any, order: int = 42) -> Any:
        await session.list_tools()
        return await session.call_tool("title_of", {"order": order})

    changed = ReplaySpec(changes=Changes(temperature=0.0), on_miss={"title_of": "live"})
    with serving(ran.append) as url:
        with record(tmp_path / "books.json"):
            run(over_http(url), ask)

        with replay(tmp_path / "books.json", spec=changed) as replayed:
            found = run(over_http(url), lambda session: ask(session, order=43))

    assert ran == ["title_of", "title_of"]
    assert "43" in found.content[0].text
    assert Reason.CACHE_INEXACT in [found.code for found in replayed.verdict.replay.findings]


def types(golden: Golden | None) -> list[str]:
    assert golden is not None
    return [step.type for step in golden.trace.steps]
