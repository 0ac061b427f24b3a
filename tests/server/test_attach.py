"""`pytest-opswald attach`: replays of the server, made with the agent's own code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select

from pytest_opswald import OpsClient
from pytest_opswald.errors import InvalidSetting
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.server.database import replay_tables as tables
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.storage import replays
from pytest_opswald.sync.attaching import agent_at, attach_once
from pytest_opswald.sync.delivery import given
from pytest_opswald.sync.goldens import item_of

COMMAND = "import sys; from pytest_opswald.cli import main; sys.exit(main())"
QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
GOLDEN = QUICKSTART / "goldens" / "test_refund.json"


def sent(client: OpsClient) -> str:
    """The id of the quickstart's golden as a trace."""
    item = item_of(GOLDEN, root=QUICKSTART)
    client.traces.create(**given(item.trace))
    return str(item.trace.id)


def test_the_agent_is_run_on_the_recording(base_url: str) -> None:
    """Offline when nothing is changed: what it did is what was recorded."""
    command = [sys.executable, "-c", COMMAND, "attach", "agent:support_agent"]
    with OpsClient(base_url=base_url) as client:
        asked = client.replays.start(trace_id=sent(client), executor="runner")
        made = subprocess.run(
            [*command, "--url", base_url, "--once"],
            cwd=QUICKSTART,
            env=os.environ | {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"},
            capture_output=True,
            text=True,
        )
        told = client.replays.get(asked.replay_id)

    assert made.returncode == 0, made.stderr
    assert (told.status, told.fidelity, told.current_step) == (
        "completed",
        "attached",
        told.total_steps,
    )
    assert told.result
    assert told.result.changes_from_original == ()
    assert told.result.coverage == "0 of 3 LLM calls live"


def test_an_agent_that_fails_is_what_its_replay_came_to(base_url: str) -> None:
    """With its own words; the runner goes on."""

    def fails(_: str) -> Any:
        raise LookupError("no such order")

    with OpsClient(base_url=base_url) as client:
        client.replays.start(trace_id=sent(client), executor="runner")
        told = attach_once(client, fails)

    assert told
    assert told.status == "failed"
    assert told.error
    assert (told.error.type, told.error.message) == ("LookupError", "no such order")


KEY, PASSWORD = "pk-4Fz9Q2mV7xLr8TnW", "c0rrect horse battery"


@pytest.mark.parametrize("end", ["answer", "exception"])
def test_what_the_server_is_told_holds_no_secret(
    base_url: str, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """Neither one of the environment, which the agent may set, nor one of a file of the project."""

    def agent(_: str) -> str:
        monkeypatch.setenv("PROVIDER_API_KEY", KEY)
        said = f"the door opens to {KEY} and {PASSWORD}"
        if end == "answer":
            return said
        raise LookupError(said)

    with OpsClient(base_url=base_url) as client:
        client.replays.start(trace_id=greeting(client), executor="runner")
        told = attach_once(client, agent, rules=Rules(known={PASSWORD: "door-password"}))

    assert told
    shown = told.model_dump_json()
    assert "the door opens to ‹redacted:provider-api-key#1› and ‹redacted:door-password#1›" in shown
    assert KEY not in shown
    assert PASSWORD not in shown


def test_a_claim_is_renewed_while_the_agent_runs(
    base_url: str, db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the agent, and unseen: it is no call of the replay's."""
    monkeypatch.setattr(replays, "CLAIM", 10**5)

    def agent(_: str) -> str:
        held = leased_until(db)
        while leased_until(db) == held:
            pass
        return "Hello"

    with OpsClient(base_url=base_url) as client:
        client.replays.start(trace_id=greeting(client), executor="runner")
        told = attach_once(client, agent)

    assert told
    assert told.result
    assert (told.status, told.result.changes_from_original) == ("completed", ())


def test_what_nobody_wants_any_more_is_let_go(base_url: str) -> None:
    """A replay that was stopped meanwhile keeps no runner from the next one."""
    with OpsClient(base_url=base_url) as client:
        asked = client.replays.start(trace_id=greeting(client), executor="runner")
        url = f"{base_url}/v1/replays/{asked.replay_id}/control"
        stop = Request(url, b'{"action": "stop"}', {"Content-Type": "application/json"})

        told = attach_once(client, lambda _: urlopen(stop).close())

    assert told
    assert told.status == "stopped"


def greeting(client: OpsClient) -> str:
    """The id of a trace without any call."""
    said = [{"type": "response", "output": {"message": "Hello"}}]
    return client.traces.create(started_at="2026-03-17T14:00:00Z", steps=said).id


def leased_until(db: str) -> int:
    """When the claim of the newest replay ends."""
    newest = select(tables.replays.c.leased_until).order_by(tables.replays.c.pk.desc()).limit(1)
    with opened(db) as database, database.reading() as connection:
        return int(connection.execute(newest).scalar_one())


def test_an_agent_is_named_by_module_and_function() -> None:
    """Whatever else is refused, before anything is claimed."""
    for wrong in ("nowhere:agent", "os:nothing", "os", "os:sep"):
        with pytest.raises(InvalidSetting):
            agent_at(wrong)
