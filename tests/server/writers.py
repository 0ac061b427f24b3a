"""Clients that write to a server until it is gone, and remember what it told them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import httpx
from sqlalchemy import Connection, func, select

from pytest_opswald.server.database.tables import steps, traces

HANDS = 4
MESSAGES = [{"role": "user", "content": f"{n} " + "word " * 40} for n in range(6)]
"""Conversations of all traces begin alike, so they share what deletions must not take away."""


class Writers:
    """Events to one session a round, whole traces, and deletions of some of these."""

    def __init__(self, name: str) -> None:
        self._name, self._stopping = name, Event()
        self.steps: dict[str, int] = {}
        """Step numbers of acknowledged events."""
        self.traces: dict[str, int] = {}
        """How many steps acknowledged traces have."""
        self.deleted: set[str] = set()
        self._cut: list[tuple[str, str, int]] = []
        """Requests of which nobody knows what became: they are made again."""

    def __str__(self) -> str:
        kept = f"{len(self.steps)} events, {len(self.traces)} traces"
        return f"kept {kept}, {len(self.deleted)} deletions"

    @contextmanager
    def writing(self, url: str, round_: int) -> Iterator[None]:
        """Write while the block lasts and the server answers."""
        self._stopping.clear()
        again, self._cut = self._cut, []
        with ThreadPoolExecutor(HANDS) as hands:
            working = [
                hands.submit(self._work, url, f"{self._name}_{round_}_{hand}", again[hand::HANDS])
                for hand in range(HANDS)
            ]
            try:
                yield
            finally:
                self._stopping.set()
        for work in working:
            work.result()

    def missing(self, connection: Connection) -> Iterator[str]:
        """What was acknowledged and is not so."""
        numbers = dict(connection.execute(select(steps.c.event_id, steps.c.n)).all())
        yield from (f"event {item}" for item in self.steps.items() - numbers.items())
        sizes = dict(connection.execute(select(traces.c.id, traces.c.steps)).all())
        yield from (f"trace {item}" for item in self.traces.items() - sizes.items())
        yield from (f"{trace} is back" for trace in self.deleted & sizes.keys())
        last = func.max(steps.c.n) != func.count()
        gaps = select(steps.c.trace_pk).group_by(steps.c.trace_pk).having(last)
        yield from (f"steps of trace {pk} are not numbered" for pk in connection.scalars(gaps))

    def _work(self, url: str, hand: str, again: list[tuple[str, str, int]]) -> None:
        with httpx.Client(base_url=url, timeout=60) as api:
            for request in itertools.chain(again, _requests(hand)):
                if self._stopping.is_set():
                    return
                try:
                    self._make(api, *request)
                except httpx.TransportError:
                    self._cut.append(request)
                    return

    def _make(self, api: httpx.Client, kind: str, name: str, size: int) -> None:
        if kind == "event":
            said = api.post("/events", json=_event(name)).raise_for_status()
            self.steps[name] = said.json()["step_number"]
        elif kind == "trace":
            said = api.post("/traces", json=_trace(name, size)).raise_for_status()
            self.traces[name] = said.json()["step_count"]
        else:
            self.traces.pop(name, None)
            assert api.delete(f"/traces/{name}").status_code in {200, 404}
            self.deleted.add(name)


def _requests(hand: str) -> Iterator[tuple[str, str, int]]:
    for n in itertools.count():
        yield from (("event", f"event_{hand}_{n}_{part}", 1) for part in range(4))
        yield "trace", f"trace_{hand}_{n}", 1 + n % len(MESSAGES)
        if n % 2:
            yield "deletion", f"trace_{hand}_{n - 1}", 0


def _event(name: str) -> dict[str, object]:
    session = "_".join(name.split("_")[:3])  # one for each round
    data = {"model": "m", "input": {"messages": MESSAGES[: 1 + len(name) % 6]}, "cost": 0}
    return {"event_type": "llm_call", "session_id": session, "event_id": name, "data": data}


def _trace(name: str, size: int) -> dict[str, object]:
    said = [
        {"type": "llm_call", "input": {"model": "m", "messages": MESSAGES[:turn]}, "cost": 0}
        for turn in range(1, size + 1)
    ]
    begin = "2026-03-17T14:15:32Z"
    return {"id": name, "session_id": name, "started_at": begin, "steps": said}
