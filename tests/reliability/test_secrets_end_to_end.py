"""Whatever an agent says, hears and holds: no secret of it reaches a file or a screen.

Hundreds of planted secrets go through every place there is: prompts, answers whole and streamed,
tool arguments and results, notes, output, locals, exceptions, warnings, logs.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local_provider import Ask, Reply, Say
from tests.language import Project
from tests.redaction.planted import CONTEXTS, KINDS, planted, secret, traces_of

pytestmark = pytest.mark.usefixtures("forked")

AGENT = """
import json
import os
from functools import cache

from openai import OpenAI

import pytest_opswald as opswald

with open(os.environ["PLANTS"]) as file:
    PLANTS = json.load(file)


@opswald.tool
def look_up(said):
    print("looked up", said)
    return {"found": said, "again": [said]}


openai = cache(OpenAI)


@cache
def anthropic():
    from anthropic import Anthropic
    return Anthropic()


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
import logging
import sys
import warnings
from agent import PLANTS, look_up

def fail(client, texts):
    key = client.api_key
    print(texts, key)
    print("\\n".join(texts), file=sys.stderr)
    warnings.warn(f"about to send {key} and {texts}")
    logging.warning("sent %s and %s", key, texts)
    raise RuntimeError(f"cannot go on with {key} and {texts}")

def test_fails(opswald):
    from openai import OpenAI
    for said in PLANTS.values():
        look_up(said)
    fail(OpenAI(), [text for said in PLANTS.values() for text in list(said.values())[:6]])
"""

INI = """
[pytest]
opswald_redact = pii.email
opswald_redact_patterns = Project [A-Z][a-z]+-\\d
    literal: the blue door
"""

KEY = "a-key-of-no-vendor-" + "4711"
ENV_FILE = 'DOOR_PASSWORD="c0rrect horse battery"  # never exported\n'
OWN = {
    "a value of the .env file": "c0rrect horse battery",
    "personal data": "jane.doe@shop.example.com",
    "a pattern": "Project Zephyr-7",
}
"""Secrets that no vendor's shape gives away: only a file or a setting does."""


SHOWN = ("-vv", "-l", "-rA", "--junitxml=junit.xml", "-olog_cli=true", "-olog_file=run.log")
"""All locals and all output in full length, logs as they are written."""


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
    texts["own"] = {name: f"It is {own}, they say." for name, own in OWN.items()}
    path = tmp_path_factory.mktemp("outside") / "plants.json"
    path.write_text(json.dumps(texts), encoding="utf-8")
    project({".env": ENV_FILE}, agent=AGENT, script=echo)
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
    ] + [
        name
        for name, own in {"the client's key": KEY, **OWN}.items()
        if any(form in written for form in traces_of(own))
    ]


def everything_in(folder: Path) -> str:
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    files = (path for path in files if path.name != ".env")
    return "\n".join(f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in files)


def test_no_secret_is_written_or_shown(plants: Project) -> None:
    """By passing tests and by a failing one, whatever pytest is told to show.

    Not in goldens, nor in what is printed or reported; and the goldens replay.
    """
    plants({"pytest.ini": INI, "test_it.py": PASSING, "test_fails.py": FAILING})

    run = plants.run("--opswald-record", *SHOWN)

    assert run.outcomes == {"passed": 3, "failed": 1, "warnings": 1}, run.report[-3000:]
    assert "UserWarning: about to send ‹redacted:" in run.report
    assert "sent ‹redacted:" in (plants.path / "run.log").read_text("utf-8")
    assert "‹redacted:openai-api-key#" in run.report
    assert survivors(run.report) == []
    assert survivors(everything_in(plants.path)) == []

    plants.stop_provider()
    again = plants.run("--opswald-replay", *SHOWN, "test_it.py")

    assert again.outcomes == {"passed": 3}, again.report[-3000:]
    assert again.provider_calls == 0
    assert survivors(again.report) == []


def test_no_worker_sends_a_secret_on(plants: Project) -> None:
    """What a worker reports is printed by another process."""
    plants({"pytest.ini": INI, "test_it.py": FAILING})

    run = plants.run("--opswald-record", *SHOWN, "-n1")

    assert run.outcomes == {"failed": 1, "warnings": 1}, run.report[-3000:]
    assert "UserWarning: about to send ‹redacted:" in run.report
    assert "sent ‹redacted:" in (plants.path / "run.log").read_text("utf-8")
    assert "‹redacted:openai-api-key#" in run.report
    assert survivors(run.report) == []
    assert survivors(everything_in(plants.path)) == []
