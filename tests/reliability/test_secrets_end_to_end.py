"""Whatever an agent says, hears and holds: no secret of it reaches a file or a screen.

Hundreds of planted secrets go through every place there is: prompts, answers whole and streamed,
tool arguments and results, notes, output, locals, exceptions.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_provider import Ask, Reply, Say
from tests.language import Project
from tests.redaction.planted import CONTEXTS, KINDS, planted, secret, traces_of

AGENT = """
import json
import os
from functools import cache

from anthropic import Anthropic
from openai import OpenAI

import pytest_opswald as opswald

with open(os.environ["PLANTS"]) as file:
    PLANTS = json.load(file)


@opswald.tool
def look_up(said):
    print("looked up", said)
    return {"found": said, "again": [said]}


openai, anthropic = cache(OpenAI), cache(Anthropic)


def ask(said, how):
    messages = [{"role": "user", "content": text} for text in said]
    if how == "whole":
        reply = openai().chat.completions.create(model="gpt-5.2", messages=messages)
        return reply.choices[0].message.content
    if how == "streamed":
        stream = openai().chat.completions.create(model="gpt-5.2", messages=messages, stream=True)
        return "".join(c.choices[0].delta.content or "" for c in stream if c.choices)
    with anthropic().messages.stream(
        model="claude-sonnet-5", max_tokens=1000, messages=messages
    ) as stream:
        return stream.get_final_text()


def work(plants, how):
    for said in plants.values():
        texts = list(said.values())
        ask(texts[how == "anthropic" :: 2], how)
        look_up(texts[-1])
"""

PASSING = """
import pytest
import pytest_opswald as opswald
from agent import PLANTS, work

@pytest.mark.parametrize("how", ["whole", "streamed", "anthropic"])
def test_work(opswald, how):
    work(PLANTS, how)
    opswald.decision("route", list(PLANTS.values())[0])
    opswald.respond(str(PLANTS))
"""

FAILING = """
import sys
from agent import PLANTS, look_up

def fail(client, texts):
    key = client.api_key
    print(texts, key)
    print("\\n".join(texts), file=sys.stderr)
    raise RuntimeError(f"cannot go on with {key} and {texts}")

def test_fails(opswald):
    from openai import OpenAI
    for said in PLANTS.values():
        look_up(said)
    fail(OpenAI(), [text for said in PLANTS.values() for text in list(said.values())[:6]])
"""

KEY = "a-key-of-no-vendor-" + "4711"


def echo(ask: Ask) -> Reply:
    """Says what it was told."""
    return Say("\n\n".join(turn.text for turn in ask.turns if turn.role == "user"))


@pytest.fixture
def plants(
    project: Project, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Project:
    """A project whose agent finds the plants outside of it."""
    texts: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for kind, context, text in planted():
        texts[kind][context] = text
    path = tmp_path_factory.mktemp("outside") / "plants.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    project(agent=AGENT, script=echo)
    monkeypatch.setenv("PLANTS", str(path))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    return project


def survivors(written: str) -> list[str]:
    """Which secrets a text gives away, by kind and context."""
    return [
        f"{kind} {context}"
        for kind in KINDS
        for context in CONTEXTS
        if any(form in written for form in traces_of(secret(kind, context)))
    ] + ["key" for form in traces_of(KEY) if form in written]


def everything_in(folder: Path) -> str:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return "\n".join(f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in files)


def test_a_recording_leaks_nothing(plants: Project) -> None:
    """Not into the golden, not into what is printed or reported; and the golden replays."""
    plants({"test_it.py": PASSING})

    run = plants.run("--opswald-record", "-v", "-rA", "--junitxml=junit.xml")

    assert run.outcomes == {"passed": 3}, run.report[-3000:]
    assert survivors(run.report) == []
    assert survivors(everything_in(plants.path)) == []

    plants.stop_provider()
    again = plants.run("--opswald-replay", "-v", "-rA", "--junitxml=junit.xml")

    assert again.outcomes == {"passed": 3}, again.report[-3000:]
    assert again.provider_calls == 0
    assert survivors(again.report) == []


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_failing_test_shows_no_secret(plants: Project, workers: tuple[str, ...]) -> None:
    """With all locals, all output, in full length."""
    plants({"test_it.py": FAILING})

    run = plants.run("--opswald-record", "-vv", "-l", "-rA", "--junitxml=junit.xml", *workers)

    assert run.outcomes == {"failed": 1}, run.report[-3000:]
    assert "‹redacted:openai-api-key#" in run.report
    assert survivors(run.report) == []
    assert survivors(everything_in(plants.path)) == []
