"""Requests that wait for something keep nobody else waiting."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio.to_thread
import httpx
import pytest

from pytest_opswald.server.app import create_app
from pytest_opswald.server.routes import replays, runner
from pytest_opswald.server.settings import ServerSettings
from tests.server.traces import STEPS

TRACE = {"id": "trace_a", "started_at": "2026-03-17T14:00:00Z", "steps": STEPS}
CLAIM = {"wait": 5}
CONTROL = {"action": "jump", "step": 3}


async def ask_beside(db: str, path: str, body: dict[str, Any]) -> tuple[int, int]:
    """Status of a list, and how many of those who wait were answered before it.

    Who waits are more than there are threads.
    """
    app = create_app(ServerSettings(db=db, replay_hands=0))
    there = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=there, base_url="http://localhost/v1", timeout=60) as api,
    ):
        await api.post("/traces", json=TRACE)
        replay = await api.post("/replays", json={"trace_id": "trace_a", "start_paused": True})
        path = path.format(replay.json()["replay_id"])
        many = int(anyio.to_thread.current_default_thread_limiter().total_tokens) + 1
        waiting = [asyncio.create_task(api.post(path, json=body)) for _ in range(many)]
        await asyncio.sleep(0)  # they begin first
        answer = await api.get("/traces")
        answered = sum(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return answer.status_code, answered


@pytest.mark.parametrize(
    ("path", "body"),
    [("/runner/claim", CLAIM), ("/replays/{}/control", CONTROL)],
    ids=["runners", "controls"],
)
def test_many_who_wait_take_no_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    """Others are answered before any of them."""
    for module in (replays, runner):  # where time stands still, so they wait long enough
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 0.0))

    asked = ask_beside(f"sqlite:///{tmp_path / 'opswald.db'}", path, body)

    assert asyncio.run(asked) == (200, 0)
