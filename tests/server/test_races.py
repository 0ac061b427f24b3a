"""Many hands on the same things at once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.storage.checking import problems

MESSAGES = [{"role": "user", "content": f"{n} " + "word " * 60} for n in range(12)]
TRACES = ("trace_a", "trace_b", "trace_c")
HANDS, ROUNDS = 8, 25


def body(trace: str, turns: int) -> dict[str, object]:
    """Conversations of all traces begin alike, so they share what deletions must not take away."""
    steps = [
        {"type": "llm_call", "input": {"model": "m", "messages": MESSAGES[:turn]}, "cost": 0}
        for turn in range(1, turns + 1)
    ]
    return {"id": trace, "session_id": trace, "started_at": "2026-03-17T14:15:32Z", "steps": steps}


def test_imports_events_deletions_and_ends_get_along(api: httpx.Client, db: str) -> None:
    """None of them fails, none is kept waiting for ever, and what is left is whole."""

    def imported(trace: str, n: int) -> httpx.Response:
        return api.post("/traces", json=body(trace, 1 + n % 12))

    def added(trace: str, n: int) -> httpx.Response:
        data = {"model": "m", "input": {"messages": MESSAGES[: 1 + n % 12]}, "cost": 0}
        event = {"event_type": "llm_call", "session_id": trace, "trace_id": trace, "data": data}
        return api.post("/events", json=event)

    def deleted(trace: str, _: int) -> httpx.Response:
        return api.delete(f"/traces/{trace}")

    def ended(trace: str, _: int) -> httpx.Response:
        return api.post(f"/sessions/{trace}/end")

    def read(trace: str, _: int) -> httpx.Response:
        return api.get(f"/traces/{trace}")

    def work(hand: int) -> set[int]:
        does: list[Callable[[str, int], httpx.Response]] = [imported, added, deleted, ended, read]
        turns = itertools.islice(itertools.cycle(does), hand, hand + ROUNDS)
        return {do(TRACES[n % 3], n).status_code for n, do in enumerate(turns)}

    with ThreadPoolExecutor(HANDS) as hands:
        statuses = set().union(*hands.map(work, range(HANDS)))

    assert statuses <= {200, 201, 404}
    with opened(db) as database, database.reading() as connection:
        assert list(problems(connection)) == []
