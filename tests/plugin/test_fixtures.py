"""Agents in fixtures: what of a test is part of its run, and what cannot be."""

from __future__ import annotations

from local_provider import Ask, Say
from tests.language import Project

AGENT = """
from chat import chat

def say(text):
    return chat(model="gpt-5.2", messages=[{"role": "user", "content": text}])["content"]
"""


def _echo(ask: Ask) -> Say:
    return Say(f"you said {ask.prompt}")


EARLY = """
import pytest
from agent import say

@pytest.fixture
def greeted():
    return say("Hello.")

def test_with_fixture(greeted, opswald):
    assert say(greeted) == "you said you said Hello."

@pytest.mark.opswald(tags=["greeting"])
def test_with_marker(greeted):
    assert greeted == "you said Hello."

@pytest.mark.opswald
def test_without_llm():
    assert 1 + 1 == 2
"""


def test_fixtures_of_a_test_are_part_of_its_run(project: Project) -> None:
    """Whatever their order; a test with the marker alone has a run if it makes an LLM call."""
    project(agent=AGENT, test=EARLY, script=_echo)

    recorded = project.run("--opswald-record")
    replayed = project.run("--opswald-replay")

    assert recorded.outcomes == {"passed": 3}, recorded.report
    assert recorded.provider_calls == 3
    assert [len(project.golden(name).trace.llm_calls) for name in ("fixture", "marker")] == [2, 1]
    assert project.golden("marker").tags == ("greeting",)
    assert replayed.outcomes == {"passed": 3}, replayed.report
    assert replayed.provider_calls == 0
    assert "2 goldens replayed (2 passed), 3 LLM calls served, 0 live" in replayed.report


def test_auto_takes_the_fixtures_of_a_test(project: Project) -> None:
    """A call in a fixture is a call of the test."""
    test = EARLY.replace("(greeted, opswald)", "(greeted)").replace("@pytest.mark.opswald", "# ")
    project(agent=AGENT, test=test, script=_echo)
    (project.path / "pytest.ini").write_text("[pytest]\nopswald_auto = true\n")

    recorded = project.run("--opswald-record")
    replayed = project.run("--opswald-replay")

    assert recorded.outcomes == {"passed": 3}, recorded.report
    assert len(project.golden_paths) == 2
    assert replayed.outcomes == {"passed": 3}, replayed.report
    assert replayed.provider_calls == 0


def test_without_a_golden_a_fixture_says_so_once(project: Project) -> None:
    """Its set-up fails with the command that records, and with nothing else."""
    project(agent=AGENT, test=EARLY, script=_echo)

    run = project.run("-k", "test_with_marker")

    assert run.outcomes == {"errors": 1, "deselected": 2}, run.report
    assert run.provider_calls == 0
    assert "pytest test_it.py::test_with_marker --opswald-record" in run.report
    assert "400" not in run.report


BROKEN = """
import pytest
from agent import say

@pytest.fixture
def database():
    raise RuntimeError("no database")

def test_early(database, opswald):
    say("Hello.")

@pytest.fixture
def greeted(opswald):
    assert say("Hello.") == "you said Goodbye."

def test_late(greeted):
    pass
"""


def test_a_golden_has_its_say_where_a_fixture_asked_it(project: Project) -> None:
    """A set-up that fails after an LLM call shows the run; one that fails before, its own error."""
    project(agent=AGENT, test=BROKEN.replace("raise", "return").replace("Goodbye", "Hello"))
    project.talk(_echo)
    project.run("--opswald-record")
    project(test=BROKEN)
    project.edit("agent.py", "gpt-5.2", "gpt-5.1")

    run = project.run()

    assert run.outcomes == {"errors": 2}, run.report
    assert run.report.count("differs from its golden") == 1
    assert run.report.count("no database") == 3  # in the code, the error and the summary


LATE = """
import pytest
from agent import say

@pytest.fixture
def agent(opswald):
    yield say
    say("Forget me.")

@pytest.fixture
def quiet(opswald):
    yield say
    try:
        say("Forget me.")
    except Exception:
        pass

def test_loud(agent):
    agent("Hello.")

def test_quiet(quiet):
    quiet("Hello.")
"""


def test_calls_in_a_teardown_are_refused(project: Project) -> None:
    """While recording, too, and where an agent swallows it: what is green then must replay."""
    project(agent=AGENT, test=LATE, script=_echo)

    run = project.run("--opswald-record")

    assert run.outcomes == {"passed": 2, "errors": 2}, run.report
    assert run.provider_calls == 2
    assert project.golden_paths == []
    for test in ("test_loud", "test_quiet"):
        said = f"POST /v1/chat/completions was called while test_it.py::{test} was torn down"
        assert run.report.count(said) == 1


SHARED = """
import pytest
from agent import say

@pytest.fixture(scope="module")
def early():
    return say("Hello.")

@pytest.fixture(scope="module")
def late():
    yield
    say("Forget me.")

def test_early(early, opswald):
    say(early)

def test_early_again(early, opswald):
    say(early)

def test_late(late, opswald):
    say("Hello.")
"""


def test_calls_in_fixtures_that_tests_share_are_refused(project: Project) -> None:
    """They would be in the golden of whichever test comes first; every test is told."""
    project(agent=AGENT, test=SHARED, script=_echo)

    run = project.run("--opswald-record")

    assert run.outcomes == {"passed": 1, "errors": 3}, run.report
    assert run.provider_calls == 1
    assert run.report.count("was called by the fixture early of scope module") == 2
    assert run.report.count("was called while a fixture of a wider scope was torn down") == 1


SURROUNDINGS = """
import queue, socket, threading
import pytest
from agent import say

@pytest.fixture(scope="module")
def outside():
    with socket.socket() as sock:
        sock.settimeout(0.01)
        try:
            sock.connect(("203.0.113.1", 9))
        except OSError:
            return "reached for"

@pytest.fixture(scope="module")
def agent():
    asked, answers = queue.Queue(), queue.Queue()

    def serve():
        while text := asked.get():
            answers.put(say(text))

    thread = threading.Thread(target=serve)
    thread.start()
    yield lambda text: asked.put(text) or answers.get(timeout=10)
    asked.put("")
    thread.join()

def test_one(outside, agent, opswald):
    assert agent("One.") == "you said One."

def test_two(agent, opswald):
    assert agent("Two.") == "you said Two."
"""


def test_what_tests_share_is_left_alone(project: Project) -> None:
    """A shared server serves test after test; its set-up may reach what a replay may not."""
    project(agent=AGENT, test=SURROUNDINGS, script=_echo)

    recorded = project.run("--opswald-record")
    replayed = project.run("--opswald-replay")

    assert recorded.outcomes == {"passed": 2}, recorded.report
    assert replayed.outcomes == {"passed": 2}, replayed.report
    assert replayed.provider_calls == 0


REPLACED = """
import agent
import pytest

@pytest.fixture
def gateway(monkeypatch):
    def refund(order_id):
        return {"refunded": order_id}

    monkeypatch.setattr(agent, "refund", refund)

@pytest.mark.opswald(tools=["agent:refund"])
def test_refund(gateway, opswald):
    agent.say(str(agent.refund(42)))

def test_it_is_back(gateway):
    assert agent.refund(42) == {"refunded": 42}
"""


def test_what_a_fixture_puts_in_the_place_of_a_tool_is_a_tool(project: Project) -> None:
    """The golden answers for it; afterwards the module is as it was."""
    refund = "\ndef refund(order_id):\n    raise RuntimeError('for real')\n"
    project(agent=AGENT + refund, test=REPLACED, script=_echo)

    run = project.run("--opswald-record")

    assert run.outcomes == {"passed": 2}, run.report
    assert project.golden().trace.tools == ("refund",)
