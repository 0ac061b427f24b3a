"""`pytest-opswald doctor`: what differs though nothing was changed is named, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

from local_provider import Ask, Reply, Say
from tests.language import WITHOUT_THEM, Project

AGENT = """
import datetime, json, random, time, uuid

from chat import chat

PROMPTS = {
    "clean": lambda: "Answer briefly. " + json.dumps({"b": 1, "a": 2}),
    "hashes": lambda: "Tags: " + ", ".join({"red", "green", "blue", "white"}),
    "ids": lambda: f"Request {uuid.uuid4()} of a customer",
    "times": lambda: f"It is {datetime.datetime.now().isoformat()} now",
    "days": lambda: f"Today is {datetime.date.today():%d %B}, a nice day",
    "weekdays": lambda: f"It is a {datetime.datetime.now(datetime.UTC):%A}, be polite",
    "dice": lambda: f"Talk like a {random.choice(['pirate', 'poet', 'robot', 'judge'])} would",
}


def answer(question):
    prompt = PROMPTS[question]()
    return chat(
        model="gpt-5.2",
        messages=[{"role": "system", "content": prompt}, {"role": "user", "content": question}],
    )["content"]
"""

TEST = """
import pytest
from agent import PROMPTS, answer

@pytest.mark.parametrize("question", PROMPTS)
def test_ask(opswald, question):
    answer(question)
"""


def model(ask: Ask) -> Reply:
    return Say(f"About {ask.prompt}.")


def test_what_is_volatile_is_named_with_its_span_and_what_it_changes_with(
    project: Project,
) -> None:
    """Step, path and span of set order, ids, time, date, clock and dice; a clean agent is not named."""
    project.recorded(agent=AGENT, test=TEST, script=model)
    project.stop_provider()
    script = "import sys; from pytest_opswald.cli import main; sys.exit(main())"

    done = subprocess.run(
        [sys.executable, "-c", script, "doctor", ".", *WITHOUT_THEM],
        env={**os.environ, "COLUMNS": "300"},
        cwd=project.path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.returncode == 1
    told = done.stdout
    for question, span, why in (
        ("hashes", '"Tags: ', "changes with PYTHONHASHSEED"),
        ("ids", "(a fresh uuid)", "differs on every run; replays match in spite of it"),
        ("times", "(the time)", "differs on every run; replays match in spite of it"),
        ("days", '"Today is ', "changes with the time zone"),
        ("dice", '"Talk like a ', "changes with the random seed"),
    ):
        found = told.split(f"test_it.py::test_ask[{question}] · ")
        assert len(found) == 2, (question, told)
        place, changed, label = found[1].splitlines()[:3]
        assert place == "step 1 llm_call gpt-5.2 · messages[0].content" or place.startswith(
            "step 2"
        )
        assert span in changed
        assert label.strip() == why
    assert "[clean]" not in told
    assert "7 goldens replayed" in told
    if find_spec("time_machine"):
        place, changed, label = told.split("test_it.py::test_ask[weekdays] · ")[1].splitlines()[:3]
        assert place.startswith("step ")
        assert '"It is a ' in changed
        assert label.strip() == "changes with the clock"
    else:
        assert "[weekdays]" not in told
        assert "The clock was not shifted: pip install 'pytest-opswald[doctor]'" in told
