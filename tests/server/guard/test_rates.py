"""Rate limits, as a client sees them."""

from __future__ import annotations

from pytest_opswald.server.guard.bodies import Bodies
from pytest_opswald.server.guard.buckets import RATES, Buckets
from pytest_opswald.server.guard.rates import Rates

from .conftest import Serve
from .test_buckets import Clock


def _client(serve: Serve, clock: Clock):
    return serve(
        lambda app: Rates(
            Bodies(app, most_bytes=10),
            buckets=Buckets(RATES["free"], clock),
            payer=lambda scope: dict(scope["headers"]).get(b"x-payer", b"").decode(),
        )
    )


def test_the_201st_request_of_a_burst_is_refused_until_time_has_passed(serve: Serve) -> None:
    """The free plan: 429 with `Retry-After`, in the envelope; who waits is served again."""
    clock = Clock()
    client = _client(serve, clock)

    answers = [client.get("/v1/traces") for _ in range(201)]
    refused = answers[-1]

    assert [answer.status_code for answer in answers] == [200] * 200 + [429]
    assert refused.json()["error"]["type"] == "rate_limit_exceeded"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    clock.now += int(refused.headers["Retry-After"])
    assert client.get("/v1/traces").status_code == 200


def test_every_answer_of_the_api_says_what_is_left(serve: Serve) -> None:
    """Refusals of other guards, too; pages outside of the API say nothing."""
    clock = Clock()
    client = _client(serve, clock)

    answer = client.post("/v1/traces", json="much too long")

    assert answer.status_code == 413
    assert answer.headers["X-RateLimit-Limit"] == "100"
    assert answer.headers["X-RateLimit-Remaining"] == "100"
    assert answer.headers["X-RateLimit-Reset"] == str(int(clock.now) + 1)
    assert "X-RateLimit-Limit" not in client.get("/traces/trace_1").headers


def test_one_payer_does_not_pay_for_another(serve: Serve) -> None:
    """Each has a burst of its own."""
    client = _client(serve, Clock())
    for _ in range(201):
        spent = client.get("/v1/traces", headers={"X-Payer": "greedy"})

    assert spent.status_code == 429
    assert client.get("/v1/traces", headers={"X-Payer": "modest"}).status_code == 200
