"""What a tool call gets that was not recorded, when a live model words it otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from local_provider import Ask, Call, Reply, Say
from tests.language import Project, Run

AGENT = """
import json

import pytest_opswald as opswald
from chat import chat
from ran import ran


@opswald.tool
def search(query, limit=3):
    ran("search")
    return f"found for {query}"


@opswald.tool(effect="write")
def report(text):
    ran("report")
    return "sent"


TOOLS = {"search": search, "report": report}


def answer():
    messages = [{"role": "user", "content": "Report the weather in Paris and Rome."}]
    while True:
        reply = chat(model="gpt-5.2", messages=messages)
        messages.append(reply)
        if not reply.get("tool_calls"):
            return reply["content"]
        for call in reply["tool_calls"]:
            function = call["function"]
            try:
                result = TOOLS[function["name"]](**json.loads(function["arguments"]))
            except Exception as problem:
                result = f"failed: {problem}"
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
"""

TEST = """
from agent import answer

def test_weather(opswald):
    answer()
"""


def _model(searches: list[str], text: str) -> Callable[[Ask], Reply]:
    def answered(ask: Ask) -> Reply:
        if not ask.results:
            return [Call("search", query=query) for query in searches]
        if len(ask.results) == len(searches):
            return Call("report", text=text)
        return Say("Reported.")

    return answered


RECORDED = _model(["weather in Paris", "weather in Rome"], "Sunny in both cities.")
REWORDED = _model(["the Rome weather", "Paris weather today"], "Sunny in both cities.")
OTHER_REPORT = _model(["weather in Paris", "weather in Rome"], "Both cities are sunny.")


@pytest.fixture
def recorded(project: Project) -> Project:
    return project.recorded(agent=AGENT, test=TEST, script=RECORDED)


def _swapped(project: Project, script: Callable[[Ask], Reply], *options: str) -> Run:
    project.talk(script)
    return project.run("--opswald-model", "gpt-5.2-mini", "--junitxml=junit.xml", *options)


def _properties(project: Project) -> dict[str, str]:
    found = ElementTree.parse(project.path / "junit.xml").iter("property")
    return {each.attrib["name"]: each.attrib["value"] for each in found}


def test_reads_that_differ_in_words_get_the_recorded_result(recorded: Project) -> None:
    """Reworded and reordered, each call gets its own result; the verdict is tainted and says so."""
    run = _swapped(recorded, REWORDED)

    assert run.outcomes == {"passed": 1}, run.report
    assert run.tool_calls == 0
    told = json.dumps(recorded.provider.requests[-1].body)
    assert told.index("found for weather in Rome") < told.index("found for weather in Paris")
    assert "tainted by 2 inexact results" in run.report
    assert _properties(recorded)["opswald.tainted"] == "true"


def test_writes_that_differ_are_refused(recorded: Project) -> None:
    """No write is acknowledged that was not recorded; the way to allow it is named."""
    run = _swapped(recorded, OTHER_REPORT)

    assert run.outcomes == {"failed": 1}, run.report
    assert "--opswald-on-miss=report=structural" in run.report
    assert "opswald.tainted" not in _properties(recorded)


@pytest.mark.parametrize(
    ("script", "policies", "outcome", "tool_calls"),
    [
        (OTHER_REPORT, ["report=structural"], "passed", 0),
        (OTHER_REPORT, ["report=stub"], "passed", 0),
        (OTHER_REPORT, ["report=live"], "failed", 0),
        (REWORDED, ["fail"], "failed", 0),
        (REWORDED, ["search=live"], "passed", 2),
        (_model(["snow in Oslo"], "Sunny in both cities."), [], "failed", 0),
        (_model(["snow in Oslo"], "Sunny in both cities."), ["search=nearest"], "passed", 0),
    ],
    ids=["structural", "stub", "live write", "fail", "live read", "unlike", "nearest"],
)
def test_policies(
    recorded: Project,
    script: Callable[[Ask], Reply],
    policies: list[str],
    outcome: str,
    tool_calls: int,
) -> None:
    """Each does what it says, for the tool it names or for all."""
    run = _swapped(recorded, script, *(f"--opswald-on-miss={policy}" for policy in policies))

    assert run.outcomes == {outcome: 1}, run.report
    assert run.tool_calls == tool_calls


def test_what_may_be_done_twice_is_told_what_it_was_told_before(recorded: Project) -> None:
    """An idempotent write has no second effect; with other words it is another write."""
    (recorded.path / "pytest.ini").write_text(
        "[pytest]\nopswald_effects = report=idempotent_write\n"
    )
    twice = _model_twice("Sunny in both cities.", "Sunny in both cities.")
    other = _model_twice("Sunny in both cities.", "Rainy in both cities.")

    again, otherwise = _swapped(recorded, twice), _swapped(recorded, other)
    refused = _swapped(recorded, twice, "--opswald-on-miss=fail")

    assert again.outcomes == {"passed": 1}, again.report
    assert "report got the result of step 8: asked for once more than recorded" in again.report
    assert again.tool_calls == 0
    assert otherwise.outcomes == refused.outcomes == {"failed": 1}


def _model_twice(first: str, second: str) -> Callable[[Ask], Reply]:
    """The recorded model, which reports for the second time."""

    def answered(ask: Ask) -> Reply:
        if len(ask.results) == 3:
            return Call("report", text=second)
        return Say("Reported.") if len(ask.results) > 3 else _once(ask)

    _once = _model(["weather in Paris", "weather in Rome"], first)
    return answered


def test_policies_and_effects_from_the_ini_file(recorded: Project) -> None:
    """A tool that the ini file calls a read is served like one, and not judged as a write."""
    (recorded.path / "pytest.ini").write_text("[pytest]\nopswald_effects = report=read\n")

    run = _swapped(recorded, OTHER_REPORT)

    assert run.outcomes == {"passed": 1}, run.report


def test_a_policy_that_is_none_is_refused(recorded: Project) -> None:
    """With the words there are."""
    run = _swapped(recorded, RECORDED, "--opswald-on-miss", "search=guess")

    assert "--opswald-on-miss: 'guess' is no policy; one of fail, structural" in run.report


def test_effects_stand_in_the_golden_for_review(recorded: Project) -> None:
    """What was declared is told as it is, what was guessed is called a guess."""
    (path,) = recorded.golden_paths

    assert json.loads(path.read_text())["effects"] == {
        "report": "write",
        "search": "read (guessed)",
    }


def test_results_of_undeclared_tools_are_pinned(project: Project) -> None:
    """They run, the LLM hears what was recorded; a call that was not recorded is told."""
    undeclared = AGENT.replace("@opswald.tool\n", "").replace(
        '    return f"found', '    import random\n    return f"{random.random()} found'
    )
    project.recorded(agent=undeclared, test=TEST, script=RECORDED)
    heard = [
        step.output.result for step in project.golden().trace.steps if step.type == "tool_result"
    ]

    known = _swapped(project, RECORDED)
    pinned = json.dumps(project.provider.requests[-1].body)
    unknown = _swapped(project, _model(["snow in Oslo"], "Sunny in both cities."))

    assert known.outcomes == unknown.outcomes == {"passed": 1}, known.report + unknown.report
    assert known.tool_calls == 2
    assert all(result in pinned for result in heard[:2])
    assert "tainted" not in known.report
    assert "no result was recorded for this call" in unknown.report
