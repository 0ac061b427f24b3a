"""Replays that runners claim: one runner has one as long as it says that it is at work."""

from __future__ import annotations

import httpx
import pytest

from tests.server.test_replays import place, start
from tests.server.test_traces import problem
from tests.server.waiting import later


def test_whoever_does_not_renew_a_claim_loses_it(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a minute another runner gets the replay; what the first one still sends is refused."""
    replay_id = start(api, executor="runner")
    result = {"status": "completed", "final_output": "Done"}

    first = api.post("/runner/claim").json()
    for _ in range(2):
        later(monkeypatch, seconds=50)
        renewed = api.post(f"/replays/{replay_id}/renew", json={"claim_id": first["claim_id"]})
        renewed.raise_for_status()
    early = api.post("/runner/claim").json()["replay"]
    later(monkeypatch, seconds=61)
    second = api.post("/runner/claim").json()
    late = api.post(f"/replays/{replay_id}/renew", json={"claim_id": first["claim_id"]})
    sent = [
        api.post(f"/replays/{replay_id}/result", json=result | {"claim_id": claim["claim_id"]})
        for claim in (first, second)
    ]
    over = api.post(f"/replays/{replay_id}/renew", json={"claim_id": second["claim_id"]})

    assert early is None
    assert (first["lease_seconds"], second["replay"]["replay_id"]) == (60, replay_id)
    for refused in (late, sent[0], over):
        assert problem(refused)["details"]["field"] == "claim_id"
    assert place(sent[1].json()) == ("completed", 6)
