"""What a run sees: tools however they are declared, steps told by hand, unknown APIs, leaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_provider import Say
from pytest_opswald import NothingRecorded, record
from pytest_opswald.trace.steps import Custom, ToolCall
from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project

PLAIN_AGENT = REFUND_AGENT.replace("@opswald.tool\n", "")


def test_undeclared_tools_are_recorded_and_named(project: Project) -> None:
    """Their calls are read off the messages; a replay runs them for real and says so."""
    steady = PLAIN_AGENT.replace("datetime.now(timezone.utc).isoformat()", "'now'")
    project(agent=steady, test=REFUND_TEST, script=refund_model)

    recorded = project.run("--opswald-record")
    project.stop_provider()
    replayed = project.run("--opswald-replay")

    calls = [step for step in project.golden().trace.steps if isinstance(step, ToolCall)]
    assert [(call.input.tool, call.declared) for call in calls] == [
        ("lookup_order", False),
        ("get_policy", False),
        ("refund", False),
    ]
    assert "lookup_order is not declared as a tool" in recorded.report
    assert replayed.outcomes == {"passed": 1}, replayed.report
    assert replayed.tool_calls == 3


def test_tools_are_declared_from_the_test_side(project: Project) -> None:
    """opswald_tools and opswald.watch serve an agent that knows nothing of us."""
    test = REFUND_TEST.replace(
        "    answer(", "    import agent\n    opswald.watch(agent, 'refund')\n    answer("
    )
    project(agent=PLAIN_AGENT, test=test, script=refund_model)
    (project.path / "pytest.ini").write_text(
        "[pytest]\nopswald_tools = agent:lookup_order agent:get_policy"
    )

    assert project.run("--opswald-record").tool_calls == 3
    project.stop_provider()
    run = project.run("--opswald-replay")

    assert run.outcomes == {"passed": 1}, run.report
    assert run.tool_calls == 0


def test_steps_told_by_hand_are_part_of_the_trace_and_gate(project: Project) -> None:
    """A decision that turns out otherwise is a divergence."""
    told = """
    opswald.decision("route", "refunds", options=["refunds", "sales"])
    opswald.handoff("triage", "billing")
    opswald.guardrail("pii", passed=True)
    opswald.state("refund.status", "approved", old="open")
    opswald.step("audit", output={"ok": True})
"""
    test = REFUND_TEST.rstrip() + told
    project(agent=REFUND_AGENT, test=test, script=refund_model)
    assert project.run("--opswald-record").outcomes == {"passed": 1}

    same = project.run("--opswald-replay")
    project.edit("test_it.py", '"route", "refunds"', '"route", "sales"')
    other = project.run("--opswald-replay")

    kinds = [step.type for step in project.golden().trace.steps]
    assert {"decision", "handoff", "guardrail_eval", "state_change", "custom"} <= set(kinds)
    assert same.outcomes == {"passed": 1}, same.report
    assert other.outcomes == {"failed": 1}
    assert "decision" in other.report


UNKNOWN = """
import json
import os
import httpx

def test_embedding(opswald):
    url = os.environ["OPENAI_BASE_URL"] + "/embeddings"
    first = httpx.post(url, json={"input": "hello", "model": "e"}, headers={"x-stainless-lang": "python"})
    assert first.status_code == 200
    opswald.respond(first.text)
"""


def test_an_api_that_is_not_read_is_recorded_at_http_level(project: Project) -> None:
    """It becomes a custom step, its path is named, and it replays without the provider."""
    project(test=UNKNOWN, script=lambda ask: Say("unused"))

    recorded = project.run("--opswald-record")
    url = project.provider.url
    project.stop_provider()
    run = project.run("--opswald-replay")

    assert recorded.outcomes == {"passed": 1}, recorded.report
    assert "/v1/embeddings" in recorded.report
    assert any(isinstance(step, Custom) for step in project.golden().trace.steps)
    assert run.outcomes == {"passed": 1}, run.report
    assert url not in project.golden_paths[0].read_text()


LEAK = """
import threading
from openai import OpenAI
from ran import ran

go = threading.Event()

def _late():
    go.wait(10)
    try:
        OpenAI(max_retries=0).chat.completions.create(
            model="gpt-5.2", messages=[{"role": "user", "content": "late"}]
        )
    except Exception:
        ran("refused")

late = threading.Thread(target=_late)

def _ask(text):
    OpenAI().chat.completions.create(
        model="gpt-5.2", messages=[{"role": "user", "content": text}]
    )

def test_leaking(opswald):
    late.start()
    _ask("one")

def test_next(opswald):
    go.set()
    late.join()
    _ask("two")
"""


def test_a_thread_left_behind_does_not_pollute_the_next_test(project: Project) -> None:
    """Its call is refused, the session fails and names the test that left it."""
    project(test=LEAK, script=lambda ask: Say("ok"))

    run = project.run("--opswald-record")

    assert "test_leaking left a thread behind" in run.report
    assert run.result.ret == 1
    assert run.provider_calls == 2
    assert len(project.golden("test_next").trace.llm_calls) == 1


IN_FLIGHT = """
import threading
from openai import OpenAI

def test_in_flight(opswald):
    client = OpenAI(max_retries=0)
    ask = lambda: client.chat.completions.create(
        model="gpt-5.2", messages=[{"role": "user", "content": "slow"}]
    )
    threading.Thread(target=ask, daemon=True).start()
    from time import sleep
    sleep(0.5)
"""


def test_a_call_still_waiting_at_the_end_fails_its_test(project: Project) -> None:
    """The test is told which call it did not wait for, and writes nothing."""
    from local_provider import Wait

    project(test=IN_FLIGHT, script=lambda ask: [Wait(3), Say("too late")])

    run = project.run("--opswald-record", "-p", "no:threadexception")

    assert run.outcomes == {"failed": 1}, run.report
    assert "1 of its calls still waited for an answer" in run.report
    assert project.golden_paths == []


SWALLOWED = """
from openai import OpenAI

def answer(question):
    try:
        return OpenAI(max_retries=2).chat.completions.create(
            model="gpt-5.2", messages=[{"role": "system", "content": "Be kind."},
                                       {"role": "user", "content": question}]
        ).choices[0].message.content
    except Exception:
        return "Sorry, try again later."
"""


def test_a_changed_prompt_behind_a_fallback_is_red(project: Project) -> None:
    """The agent catches everything and its SDK retries; the change of prompt is told in a line."""
    project(agent=SWALLOWED, test=REFUND_TEST, script=lambda ask: Say("Done."))
    assert project.run("--opswald-record").outcomes == {"passed": 1}
    project.stop_provider()
    project.edit("agent.py", "Be kind.", "Be very kind.")

    run = project.run("--opswald-replay")

    assert run.outcomes == {"failed": 1}, run.report
    assert "messages[0].content (system): Be [+very ]kind." in run.report


def test_times_of_a_recording_are_kept_apart_from_its_golden(project: Project) -> None:
    """The golden holds nothing that differs between equal runs; show still tells durations."""
    project(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    project.run("--opswald-record")

    text = project.golden_paths[0].read_text()
    assert "timestamp" not in text
    assert "duration" not in text
    (kept,) = project.path.glob(".opswald/timings/*.json")
    assert len(json.loads(kept.read_text())) == 11


UNSEEN = """
import json, os, urllib.request

def test_it(opswald):
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    asked = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hello"}]}
    kind = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(asked).encode(), kind)).read()
"""


def test_a_recording_that_saw_nothing_is_no_golden(project: Project) -> None:
    """The agent goes past what we watch: the test says so instead of passing ever after."""
    project(test=UNSEEN, script=lambda ask: Say("Hello!"))

    run = project.run("--opswald-record")

    assert (run.outcomes, run.provider_calls) == ({"failed": 1}, 1), run.report
    assert "nothing was recorded for test_it.py::test_it" in run.report
    assert "those of urllib, requests or aiohttp are not" in run.report
    assert not list(project.path.rglob("*.json"))


def test_a_recorded_block_without_a_call_is_no_golden(tmp_path: Path) -> None:
    """The same without pytest."""
    nothing = pytest.raises(NothingRecorded, match="nothing was recorded for hello")

    with nothing, record(tmp_path / "hello.json"):
        pass

    assert not list(tmp_path.iterdir())
