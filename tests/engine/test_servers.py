"""MCP servers: which are needed on replay, and how their tools are told from others."""

from __future__ import annotations

import pytest

from pytest_opswald.capture.handler import ToolOutcome, ToolUse
from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.remote import stands_for
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.exchange import Request, Response
from pytest_opswald.trace.replay_spec import Changes, ReplaySpec
from pytest_opswald.trace.steps import ToolCall
from pytest_opswald.trace.trace import Trace
from tests.engine.runs import answer, ask, chat, recorded, recorder, replayer, result, say

URL = "https://mcp.example.com/mcp"
LISTED = Request("MCP", "mcp:mcp.example.com/mcp/tools/list", (), b"")
LIVE = ReplaySpec(changes=Changes(temperature=0.0), on_miss={"send": "live"})


def used(engine: Recorder | Replayer, use: ToolUse) -> bool:
    """Whether the tool is really used."""
    if engine.on_tool_call(use):
        return False
    engine.on_tool_result(use, ToolOutcome(value="sent"))
    return True


def heard(engine: Recorder, request: Request, response: Response) -> None:
    engine.on_request(request)
    engine.on_response(request, response)


def with_listing() -> Trace:
    return recorded((LISTED, answer(200, {"result": {"tools": []}})))


@pytest.mark.parametrize(
    ("spec", "use"),
    [
        (ReplaySpec(), "served"),
        (ReplaySpec(changes=Changes(temperature=0.0)), "served"),
        (LIVE, "untouched"),
    ],
    ids=["unmodified", "modified", "tools may run"],
)
def test_a_recorded_server_is_needed_only_where_tools_may_run(spec: ReplaySpec, use: str) -> None:
    """Everything else that it is asked stands in the golden."""
    engine = replayer(with_listing(), spec)

    assert engine.on_server("mcp.example.com/mcp", URL) == use
    assert engine.on_server("other.example.com/mcp", "") == "untouched"


def test_a_servers_http_traffic_is_its_sessions_affair() -> None:
    """What the session asks is a step; the requests that carry it are not."""
    engine = recorder()
    assert engine.on_server("mcp.example.com/mcp", URL) == "recorded"

    assert not engine.wants("POST", URL, {}, in_process=False)
    assert engine.wants("POST", "https://mcp.example.com/rest", {}, in_process=False)
    assert engine.wants("MCP", LISTED.url, {}, in_process=False)


def test_lists_are_served_after_a_fork_too() -> None:
    """A fork sends LLM calls; what servers offer comes from the golden."""
    trace = recorded((ask("Hello"), say("Hi")), (LISTED, answer(200, {"result": {"tools": []}})))
    engine = replayer(trace, ReplaySpec(fork_from_step=2))

    assert engine.on_request(LISTED).status == 200


def test_a_server_inside_a_declared_tool_is_no_step_unless_llms_are_too() -> None:
    """Then the tool is run again, and its server's tools are served."""
    for is_agent in (False, True):
        engine = recorder()
        outer = ToolUse("research", {})
        engine.on_tool_call(outer)
        used(engine, ToolUse("search", {"q": "x"}, parent=outer, is_remote=True))
        if is_agent:
            inner = Request("POST", ask("Hello").url, (), ask("Hello").body, parent=outer)
            heard(engine, inner, say("Hi"))
        engine.on_tool_result(outer, ToolOutcome(value="found"))

        trace = engine.finish().trace
        assert trace.tools == (("research", "search") if is_agent else ("research",))
        again = replayer(trace)
        assert used(again, outer) == is_agent
        if is_agent:
            assert not used(again, ToolUse("search", {"q": "x"}, parent=outer, is_remote=True))


def test_a_tool_that_runs_for_real_reaches_its_server() -> None:
    """It was allowed to, so that what it asks is not looked up."""
    engine = replayer(with_listing(), LIVE)
    outer = ToolUse("send", {"to": "me"}, effect="read")

    assert used(engine, outer)
    assert used(engine, ToolUse("post", {"to": "me"}, parent=outer, is_remote=True))
    assert not [finding for finding in engine.finish().findings if finding.gates]


@pytest.mark.parametrize(
    ("function", "means"),
    [
        ("search", True),
        ("books_search", True),
        ("mcp__books__search", True),
        ("books-search", True),
        ("research", False),
        ("search_books", False),
    ],
)
def test_an_llm_may_know_a_tool_by_its_server_too(function: str, means: bool) -> None:
    """Clients of several servers put the server's name in front."""
    assert stands_for(function, "search") == means


def test_a_remote_tool_takes_the_call_id_of_its_longer_name() -> None:
    """The call that was seen and the one that the messages tell are one."""
    question = {"role": "user", "content": "Find x."}
    call = ("call_1", "books__search", {"q": "x"})
    asked = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "books__search", "arguments": '{"q": "x"}'},
            }
        ],
    }
    engine = recorder()

    heard(engine, chat({"model": "gpt-5.2", "messages": [question]}), say(None, call))
    used(engine, ToolUse("search", {"q": "x"}, is_remote=True))
    messages = [question, asked, result("call_1", "x")]
    heard(engine, chat({"model": "gpt-5.2", "messages": messages}), say("Found."))

    trace = engine.finish().trace
    [step] = [step for step in trace.steps if isinstance(step, ToolCall)]
    assert (step.input.tool, step.input.tool_call_id, step.remote) == ("search", "call_1", True)
