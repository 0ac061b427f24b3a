"""`pytest-opswald attach`: replays of the server, made with the agent's own code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.errors import InvalidSetting
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


def test_an_agent_is_named_by_module_and_function() -> None:
    """Whatever else is refused, before anything is claimed."""
    for wrong in ("nowhere:agent", "os:nothing", "os", "os:sep"):
        with pytest.raises(InvalidSetting):
            agent_at(wrong)
