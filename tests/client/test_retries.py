"""What is asked again, after how long, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.errors import NoAnswer, RateLimitExceeded, ServerError
from tests.client.conftest import Ask, StoppedClock
from tests.client.fault_server import (
    FaultServer,
    Move,
    bombs,
    breaks_off,
    breaks_off_in_the_headers,
    drips,
    never_answers,
    problem,
    resets,
    says,
)

TRACE: dict[str, Any] = {
    "id": "trace_1",
    "session_id": "session_1",
    "started_at": "2026-03-17T14:15:32Z",
    "total_cost": 0.0245,
    "total_tokens": {"input": 1, "output": 2},
    "models_used": ["gpt-4o"],
    "errors": 0,
    "status": "completed",
    "steps": [],
    "step_count": 0,
}
EVENT = {"event_id": "evt_1", "processed": True, "trace_id": "trace_1"}
OK = says(200, TRACE)
DATE = "Tue, 17 Mar 2026 14:00:00 GMT"
LATER = "Tue, 17 Mar 2026 14:00:07 GMT"


def limited(**headers: str) -> Move:
    return problem(429, "rate_limit_exceeded", **headers)


def busy(status: int = 503, **headers: str) -> Move:
    return problem(status, "server_error", **headers)


WAITS = {
    "at once": (OK, []),
    "429": (limited(), [0.25]),
    "429 with seconds": (limited(retry_after="3"), [3.25]),
    "429 with no seconds": (limited(retry_after="0"), [0]),
    "429 with a fraction": (limited(retry_after="1.5"), [1.65]),
    "429 with a date, by the server's clock": (limited(retry_after=LATER, date=DATE), [7.25]),
    "429 with a date, by our clock": (limited(retry_after=LATER), [7.25]),
    "429 with a date that has passed": (limited(retry_after=DATE, date=LATER), [0]),
    "429 with ten years": (limited(retry_after="315360000"), [0.25]),
    "429 with a date in ten years": (
        limited(retry_after="Mon, 17 Mar 2036 14:00:00 GMT", date=DATE),
        [0.25],
    ),
    "429 with nonsense": (limited(retry_after="soon"), [0.25]),
    "429 with a negative number": (limited(retry_after="-5"), [0.25]),
    "429 with infinity": (limited(retry_after="inf"), [0.25]),
    "429 with a reset, by the server's clock": (
        limited(x_ratelimit_reset="1773756004", date=DATE),
        [4.25],
    ),
    "429 with a reset, by our clock": (limited(x_ratelimit_reset="1773756002"), [2.2]),
    "429 with both: Retry-After counts": (
        limited(retry_after="1", x_ratelimit_reset="1773756009", date=DATE),
        [1.1],
    ),
    "429 with a reset that has passed": (limited(x_ratelimit_reset="1773750000"), [0]),
    "503 with seconds": (busy(retry_after="2"), [2.2]),
    "503 with a reset, which is not about it": (busy(x_ratelimit_reset="1773756009"), [0.25]),
    "500": (busy(500), [0.25]),
    "502 of a proxy": (says(502, b"<html>Bad Gateway</html>", content_type="text/html"), [0.25]),
    "504": (busy(504), [0.25]),
    "408": (problem(408, "validation_error"), [0.25]),
    "reset": (resets, [0.25]),
    "broken off": (breaks_off, [0.25]),
    "broken off in the headers": (breaks_off_in_the_headers, [0.25]),
}


@pytest.mark.parametrize(("move", "waits"), WAITS.values(), ids=WAITS)
def test_waits_as_the_server_says(
    ask: Ask, clock: StoppedClock, move: Move, waits: list[float]
) -> None:
    """A trouble that may pass is waited out, as long as it was told, and the answer is given."""
    with FaultServer(move, OK) as server:
        trace = ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert trace.id == "trace_1"
    assert clock.waits == pytest.approx(waits)


def test_pauses_grow(ask: Ask, clock: StoppedClock) -> None:
    """A server that stays broken is asked five times, after longer and longer pauses."""
    with FaultServer(busy(500)) as server, pytest.raises(ServerError):
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert len(server.requests) == 5
    assert clock.waits == [0.25, 0.5, 1, 2]


def test_never_waits_beyond_the_deadline(ask: Ask, clock: StoppedClock) -> None:
    """When the server asks for more time than there is, its answer is the last one."""
    with FaultServer(limited(retry_after="31")) as server, pytest.raises(RateLimitExceeded):
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert clock.waits == []


def test_silence_ends(ask: Ask) -> None:
    """Silence costs no more than the deadline, in whatever wait it falls."""
    with FaultServer(never_answers) as server, pytest.raises(NoAnswer, match="Timeout"):
        ask(server, lambda client: client.traces.get("trace_1"), deadline=0.2)


def test_dripping_ends(ask: Ask) -> None:
    """Bytes that keep coming do not prolong the deadline."""
    clock = StoppedClock(seconds_a_look=1)
    with FaultServer(drips) as server, pytest.raises(NoAnswer, match="when time was over"):
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)


def test_nobody_there(ask: Ask, clock: StoppedClock) -> None:
    """A refused connection is tried again, whatever was to be sent, and then told."""
    with FaultServer(OK) as server:
        pass

    with pytest.raises(NoAnswer, match=rf"POST {server.url}/replays: ConnectError"):
        ask(server, lambda client: client.replays.start(trace_id="trace_1"), clock=clock)
    assert len(clock.waits) == 4


def test_lost_answers_repeat_what_has_an_id(ask: Ask, clock: StoppedClock) -> None:
    """An event carries an id of its own, so that the second one is known to be the first."""
    with FaultServer(resets, says(201, EVENT)) as server:
        ask(server, _create_event, clock=clock)

    first, second = server.requests
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert f'"event_id":"{first.headers["idempotency-key"]}"'.encode() in first.body


def test_lost_answers_of_deletions(ask: Ask, clock: StoppedClock) -> None:
    """What the second try does not find any more was deleted by the first."""
    with FaultServer(resets, problem(404, "not_found")) as server:
        answer = ask(server, lambda client: client.traces.delete("trace_1"), clock=clock)

    assert answer.deleted
    assert answer.trace_id == "trace_1"


def test_lost_answers_do_not_repeat_what_costs(ask: Ask, clock: StoppedClock) -> None:
    """A replay may have been started: it is not started again."""
    with FaultServer(resets) as server, pytest.raises(NoAnswer):
        ask(server, lambda client: client.replays.start(trace_id="trace_1"), clock=clock)

    assert len(server.requests) == 1


def test_what_was_turned_away_is_sent_again(ask: Ask, clock: StoppedClock) -> None:
    """Behind a rate limit nothing was done, so anything is asked again."""
    started = TRACE | {
        "replay_id": "replay_1",
        "trace_id": "trace_1",
        "mode": "interactive",
        "status": "running",
        "url": "/replays/replay_1",
    }
    with FaultServer(limited(retry_after="1"), says(201, started)) as server:
        replay = ask(server, lambda client: client.replays.start(trace_id="trace_1"), clock=clock)

    assert replay.replay_id == "replay_1"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422])
def test_refusals_are_final(ask: Ask, clock: StoppedClock, status: int) -> None:
    """What the server will not do it is not asked for again."""
    with FaultServer(problem(status, "validation_error")) as server, pytest.raises(Exception):  # noqa: B017, PT011
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert len(server.requests) == 1


def test_bombs_are_not_unpacked(ask: Ask, clock: StoppedClock) -> None:
    """A body that unpacks to more than 64 MiB is given up, and not asked for again."""
    with FaultServer(bombs) as server, pytest.raises(NoAnswer, match="larger than 64 MiB"):
        ask(server, lambda client: client.traces.get("trace_1"), clock=clock)

    assert len(server.requests) == 1


def _create_event(client: Any) -> Any:
    return client.events.create(event_type="user_input", session_id="session_1")
