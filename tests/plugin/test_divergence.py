"""What turns a replay red, and how the report tells it."""

from __future__ import annotations

import pytest

from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.language import Project


@pytest.fixture
def recorded(project: Project) -> Project:
    """The refund agent with its golden, and a provider that has stopped."""
    project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
    project.stop_provider()
    return project


LOOP = '        for call in reply["tool_calls"]:\n'
CALL = '            result = TOOLS[function["name"]](**json.loads(function["arguments"]))\n'

EDITS = {
    "missing tool call": (
        CALL,
        "            if function['name'] == 'refund':\n"
        "                result = {'refunded': 19.9}\n"
        "            else:\n"
        f"    {CALL}",
        "refund",
    ),
    "extra tool call": (
        LOOP,
        "        get_policy('refunds')\n" + LOOP,
        "get_policy",
    ),
    "swapped tool calls": (
        "        messages.append(reply)\n",
        "        messages.append(reply)\n"
        "        if is_refund(reply):\n"
        "            lookup_order(42)\n"
        "        elif reply.get('tool_calls'):\n"
        "            reply['tool_calls'].pop(0)\n",
        "lookup_order",
    ),
    "changed arguments": (
        CALL,
        CALL.replace('s"]))', 's"].replace("42", "43")))'),
        "43",
    ),
    "one LLM call more": (
        '            return reply["content"]\n',
        "            return chat(model=model, messages=messages + "
        "[{'role': 'user', 'content': 'Say it in French.'}])['content']\n",
        "French",
    ),
    "one LLM call fewer": (
        LOOP,
        "        if is_refund(reply):\n"
        "            return 'Refunded 19.9 EUR for order 42.'\n" + LOOP,
        "refund",
    ),
}


@pytest.mark.parametrize(("old", "new", "named"), EDITS.values(), ids=EDITS)
def test_a_change_of_the_agent_is_red_and_shows_the_whole_run(
    recorded: Project, old: str, new: str, named: str
) -> None:
    """The first divergence comes first, then every step, aligned."""
    recorded.edit("agent.py", old, new)

    run = recorded.run("--opswald-replay", "-v")

    assert run.outcomes == {"failed": 1}, run.report
    assert run.tool_calls == 0
    assert "first divergence: step" in run.report
    assert named in run.report.partition("first divergence")[2]
    assert "user_input" in run.report
    assert "response" in run.report


def test_an_agent_that_swallows_every_exception_is_red_all_the_same(recorded: Project) -> None:
    """The verdict does not depend on an exception that reaches the test."""
    recorded.edit(
        "test_it.py",
        "    answer(",
        """    try:
        answer("Cancel my subscription to everything at once, and send me flowers.",
               prompt="Vous êtes un assistant pour une pharmacie. Répondez en vers.",
               model="o7", temperature=1)
    except Exception:
        pass
    return
    answer(""",
    )

    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"failed": 1}, run.report


def test_a_changed_prompt_is_one_line_of_the_report(recorded: Project) -> None:
    """What changed inside the prompt is shown, not the prompt twice."""
    recorded.edit(
        "agent.py",
        'PROMPT = "You help customers of a book shop."',
        'PROMPT = "You help rude customers of a book shop."',
    )
    recorded.edit(
        "test_it.py",
        "    answer(",
        "    try:\n        answer('Refund order 42.')\n    except Exception:\n        return 'fallback'\n    return\n    answer(",
    )

    run = recorded.run("--opswald-replay")

    assert run.outcomes == {"failed": 1}
    assert "request drift" in run.report
    told = [line for line in run.report.splitlines() if "customers of a book shop" in line]
    assert told == ["  messages[0].content (system): You help [+rude ]customers of a book shop."]


def test_the_accepting_command_is_named(recorded: Project) -> None:
    """The report ends with what to type when the change is wanted."""
    recorded.edit("agent.py", "book shop", "bike shop")

    run = recorded.run("--opswald-replay")

    assert "pytest test_it.py::test_refund --opswald-record=all" in run.report


def test_a_leaner_run_passes_when_unused_steps_are_allowed(recorded: Project) -> None:
    """--opswald-allow-unused forgives steps that are no longer asked for."""
    recorded.edit(
        "agent.py",
        LOOP,
        "        if is_refund(reply):\n"
        "            return 'Refunded 19.9 EUR for order 42.'\n" + LOOP,
    )
    recorded.edit("test_it.py", "    answer(", "    opswald.respond(answer(")
    recorded.edit("test_it.py", '42.")', '42."))')

    assert recorded.run("--opswald-replay").outcomes == {"failed": 1}
    run = recorded.run("--opswald-replay", "--opswald-allow-unused")
    assert run.outcomes == {"passed": 1}, run.report
