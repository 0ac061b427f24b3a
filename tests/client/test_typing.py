"""What a type checker knows of both clients."""

from __future__ import annotations

from pathlib import Path

import pytest

RIGHT = """
from typing import assert_type

from pytest_opswald import AsyncOpsClient, OpsClient
from pytest_opswald.api.events import EventAccepted
from pytest_opswald.api.pages import Page
from pytest_opswald.api.replays import Modifications, Replay, ReplayStarted
from pytest_opswald.api.traces import Trace, TraceSummary
from pytest_opswald.api.webhooks import Delivery

client = OpsClient("key")
assert_type(client.traces.get("trace_1"), Trace)
for trace in client.traces.list(limit=100, error=True):
    assert_type(trace, TraceSummary)
assert_type(client.traces.list().page(), Page[TraceSummary])
assert_type(client.events.create(event_type="llm_call", session_id="s"), EventAccepted)
assert_type(
    client.replays.start(trace_id="trace_1", modifications=Modifications(temperature=0)),
    ReplayStarted,
)
assert_type(client.replays.control("replay_1", action="pause", step=8), Replay)
client.golden_tests.create(trace_id="trace_1", name="Support", tags=["critical"])

async def later(client: AsyncOpsClient) -> None:
    assert_type(await client.traces.get("trace_1"), Trace)
    async for trace in client.traces.list(limit=100, error=True):
        assert_type(trace, TraceSummary)
    async for delivery in client.webhooks.deliveries("wh_1"):
        assert_type(delivery, Delivery)
    assert_type(await client.traces.list().page(), Page[TraceSummary])
    assert_type(await client.replays.control("replay_1", action="pause"), Replay)
"""
WRONG = """
from pytest_opswald import AsyncOpsClient, OpsClient

client, later = OpsClient("key"), AsyncOpsClient("key")
client.traces.get(7)
client.traces.list(limt=3)
client.replays.start(trace_id="trace_1", mode="bacth")
client.replays.control("replay_1")
client.traces.rename("trace_1")
for trace in later.traces.list():
    pass
"""
COMPLAINTS = [
    'Argument 1 has incompatible type "int"; expected "str"',
    'Unexpected keyword argument "limt"; did you mean "limit"?',
    '''Argument "mode" has incompatible type "Literal['bacth']"''',
    'Missing named argument "action"',
    '"Traces[Sender]" has no attribute "rename"',
    '"AsyncPages[TraceSummary]" has no attribute "__iter__"',
]


@pytest.mark.parametrize(
    ("script", "complaints"), [(RIGHT, []), (WRONG, COMPLAINTS)], ids=["right", "wrong"]
)
def test_types(tmp_path: Path, script: str, complaints: list[str]) -> None:
    """Fields, their values and what comes back are checked, for both clients."""
    mypy = pytest.importorskip("mypy.api")
    source = tmp_path / "script.py"
    source.write_text(script)

    told, _, _ = mypy.run(["--strict", "--no-error-summary", str(source)])

    found = [line for line in told.splitlines() if f"{source}:" in line and " error: " in line]
    assert len(found) == len(complaints), told
    assert all(complaint in line for complaint, line in zip(complaints, found, strict=True)), told
