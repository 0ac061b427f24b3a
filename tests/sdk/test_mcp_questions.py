"""Servers that have their client ask an LLM, or its user: recorded, then replayed without them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from local_provider import Ask, Provider, Reply, Say
from pytest_opswald.capture.tools import tool
from pytest_opswald.playback import play
from pytest_opswald.runs import record, replay
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from tests.providers import point_at
from tests.sdk.books_server import serving

mcp: Any = pytest.importorskip("mcp")
openai: Any = pytest.importorskip("openai")

NOWHERE = "http://127.0.0.1:9"
SWAPPED = ReplaySpec(changes=Changes(model="gpt-5.2-mini"))
Connect = Callable[..., AbstractAsyncContextManager[Any]]


async def sampled(context: Any, params: Any) -> Any:
    """What an agent answers a server with: an LLM's word."""
    question = params.messages[0].content.text
    async with openai.AsyncOpenAI() as client:
        answer = await client.chat.completions.create(
            model="gpt-5.2", messages=[{"role": "user", "content": question}]
        )
    return said(answer.choices[0].message.content)


def said(text: str) -> Any:
    content = mcp.types.TextContent(type="text", text=text)
    return mcp.types.CreateMessageResult(role="assistant", content=content, model="gpt-5.2")


@asynccontextmanager
async def in_the_middle(url: str, callback: Any = sampled) -> AsyncIterator[Any]:
    """A session whose server asks in the middle of a call."""
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(url=f"{url}/mcp") as (answers, questions, *_),
        mcp.ClientSession(answers, questions, sampling_callback=callback) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def in_between(url: str, callback: Any = sampled) -> AsyncIterator[Any]:
    """A client whose server says what it wants to know, and is called again."""
    async with mcp.Client(f"{url}/mcp", sampling_callback=callback) as client:
        yield client


CONNECTIONS = [
    pytest.param(in_the_middle, id="in the middle of a call"),
    pytest.param(
        in_between,
        id="in between two calls",
        marks=pytest.mark.skipif(not hasattr(mcp, "Client"), reason="the second major's"),
    ),
]


async def praise(session: Any, title: str = "Ficciones") -> str:
    result = await session.call_tool("praise", {"title": title})
    return str(result.content[0].text)


def run(connected: AbstractAsyncContextManager[Any], ask: Callable[[Any], Any] = praise) -> Any:
    async def agent() -> Any:
        async with connected as session:
            return await ask(session)

    return asyncio.run(agent())


def model(ask: Ask) -> Reply:
    return Say("A gem." if ask.model == "gpt-5.2" else "A dud.")


@pytest.fixture(autouse=True)
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider(model) as running:
        point_at(running, monkeypatch)
        yield running


class Shelf:
    """Where a test's golden is, and what its server has done."""

    def __init__(self, folder: Path) -> None:
        self.golden = folder / "praise.json"
        self.ran: list[str] = []

    def recorded(self, connect: Connect = in_the_middle, ask: Any = praise, **given: Any) -> Golden:
        with serving(self.ran.append) as url, record(self.golden) as recording:
            run(connect(url, **given), ask)
        assert recording.golden is not None
        return recording.golden


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.mark.parametrize("connect", CONNECTIONS)
def test_an_llm_that_a_server_had_asked_is_answered_from_the_golden(
    connect: Connect, shelf: Shelf, provider: Provider
) -> None:
    """Nobody asks the agent's callback but us; neither server nor provider is needed."""
    shelf.recorded(connect)
    asked = len(provider.requests)

    with replay(shelf.golden) as replayed:
        praised = run(connect(NOWHERE))

    assert praised == "Ficciones: A gem."
    assert (shelf.ran, asked, len(provider.requests)) == (["praise"], 1, 1)
    assert not replayed.verdict.failed
    assert replayed.verdict.replay.findings == ()


def test_what_was_asked_in_a_call_stands_inside_of_it(shelf: Shelf) -> None:
    """The question is a step with the LLM call that it took."""
    golden = shelf.recorded()

    steps = [s for s in golden.trace.steps if s.type.startswith(("tool", "llm"))]
    assert [getattr(s.input, "tool", "llm") for s in steps] == [
        "praise",
        "sampling/createMessage",
        "llm",
        "sampling/createMessage",
        "praise",
    ]
    assert [s.parent_span_id for s in steps] == [None, "span_1", "span_2", "span_1", None]


@pytest.mark.parametrize("connect", CONNECTIONS)
def test_another_model_is_asked_and_the_servers_result_is_marked_as_recorded(
    connect: Connect, shelf: Shelf, provider: Provider
) -> None:
    """What the server would have made of the new answer nobody knows: the verdict says so."""
    shelf.recorded(connect)

    with replay(shelf.golden, spec=SWAPPED) as replayed:
        praised = run(connect(NOWHERE))

    found = replayed.verdict.replay.findings
    assert praised == "Ficciones: A gem."
    assert [ask.model for ask in provider.requests] == ["gpt-5.2", "gpt-5.2-mini"]
    assert [finding.message.partition(":")[0] for finding in found] == [
        "sampling/createMessage was answered otherwise than recorded"
    ]
    assert Reason.CACHE_INEXACT in [found.code for found in replayed.verdict.replay.findings]
    assert shelf.ran == ["praise"]


def test_the_callback_is_code_under_test(shelf: Shelf) -> None:
    """A change of it is found, though no server asks."""

    async def insists(context: Any, params: Any) -> Any:
        return said("Read it!")

    shelf.recorded()

    with replay(shelf.golden) as replayed:
        run(in_the_middle(NOWHERE, callback=insists))

    assert replayed.verdict.failed


@pytest.mark.parametrize("connect", CONNECTIONS)
def test_a_callback_that_asks_no_llm_is_not_called(connect: Connect, shelf: Shelf) -> None:
    """Its answer comes from the golden, like that of any tool; it may have asked a person."""
    asked: list[str] = []

    async def person(context: Any, params: Any) -> Any:
        asked.append(params.messages[0].content.text)
        return said("I liked it.")

    shelf.recorded(connect, callback=person)

    with replay(shelf.golden) as replayed:
        praised = run(connect(NOWHERE, callback=person))

    assert praised == "Ficciones: I liked it."
    assert asked == ["Praise Ficciones."]
    assert not replayed.verdict.failed


async def blurb(client: Any) -> str:
    result = await client.get_prompt("blurb", {"title": "Ficciones"})
    return str(result.messages[0].content.text)


@pytest.mark.skipif(not hasattr(mcp, "Client"), reason="the second major's")
@pytest.mark.parametrize("ask", [praise, blurb], ids=["a tool", "a prompt"])
def test_what_a_server_seals_while_it_asks_is_not_in_the_golden(shelf: Shelf, ask: Any) -> None:
    """It is other bytes each time: recording again would never give the same golden."""
    shelf.recorded(in_between, ask)
    first = shelf.golden.read_text()
    shelf.recorded(in_between, ask)

    with replay(shelf.golden) as replayed:
        found = run(in_between(NOWHERE), ask)

    assert shelf.golden.read_text() == first
    assert "sealed by the server" in first
    assert found == "Ficciones: A gem."
    assert not replayed.verdict.failed


def test_a_user_whom_a_server_had_asked_is_not_asked_again(shelf: Shelf) -> None:
    """What was elicited is a step, answered from the golden."""
    asked: list[str] = []

    async def user(context: Any, params: Any) -> Any:
        asked.append(params.message)
        return mcp.types.ElicitResult(action="accept", content={"paper": "red"})

    @asynccontextmanager
    async def connected(url: str) -> AsyncIterator[Any]:
        from mcp.client.streamable_http import streamable_http_client

        async with (
            streamable_http_client(url=f"{url}/mcp") as (answers, questions, *_),
            mcp.ClientSession(answers, questions, elicitation_callback=user) as session,
        ):
            await session.initialize()
            yield session

    async def wrap(session: Any) -> str:
        return str((await session.call_tool("wrap", {"order": 42})).content[0].text)

    golden = shelf.recorded(connected, wrap)

    with replay(shelf.golden) as replayed:
        wrapped = run(connected(NOWHERE), wrap)

    assert wrapped == "42 in paper='red'"
    assert (asked, shelf.ran) == (["Which paper for 42?"], ["wrap"])
    assert golden.effects["elicitation/create"] == "read"
    assert not replayed.verdict.failed


def test_calls_at_once_are_asked_about_apart(shelf: Shelf) -> None:
    """Every question is asked again once, and every call has its own result."""

    async def both(session: Any) -> list[str]:
        return await asyncio.gather(praise(session, "Ficciones"), praise(session, "Rayuela"))

    shelf.recorded(ask=both)

    with replay(shelf.golden) as replayed:
        praised = run(in_the_middle(NOWHERE), both)

    assert praised == ["Ficciones: A gem.", "Rayuela: A gem."]
    assert not replayed.verdict.failed


def test_a_declared_tool_whose_server_asks_an_llm_is_run_again(shelf: Shelf) -> None:
    """Its LLM call is a step, and another model is asked."""

    def declared(server: Any) -> Any:
        @tool
        def advertise(title: str) -> str:
            return f"New: {run(server, lambda session: praise(session, title))}"

        return advertise

    with serving(shelf.ran.append) as url, record(shelf.golden):
        declared(in_the_middle(url))("Ficciones")

    with replay(shelf.golden, spec=SWAPPED) as replayed:
        found = declared(in_the_middle(NOWHERE))("Ficciones")

    assert found == "New: Ficciones: A gem."
    assert replayed.verdict.replay.counts.llm_live == 1
    assert shelf.ran == ["praise"]


def test_a_callback_that_fails_fails_for_its_server_alone(shelf: Shelf) -> None:
    """As it did when it was recorded."""

    async def fails(context: Any, params: Any) -> Any:
        raise LookupError("no model at hand")

    async def ask(session: Any) -> str:
        try:
            return await praise(session)
        except Exception as problem:  # the majors tell it in different ways
            return str(problem)

    with serving(shelf.ran.append) as url, record(shelf.golden):
        first = run(in_the_middle(url, callback=fails), ask)

    with replay(shelf.golden) as replayed:
        second = run(in_the_middle(NOWHERE, callback=fails), ask)

    assert second == first
    assert not replayed.verdict.failed


def test_a_golden_replays_without_the_callback_too(shelf: Shelf, provider: Provider) -> None:
    """Without the agent's code the LLM call is made from its recorded request."""
    golden = shelf.recorded()

    played = play(golden, SWAPPED)

    assert played.coverage.startswith("1 of 1 LLM calls live")
    assert provider.requests[-1].model == "gpt-5.2-mini"
    assert [step.type for step in played.verdict.replay.trace.steps] == [
        step.type for step in golden.trace.steps
    ]
