"""What replays may cost, whom they may ask, how long they may take, who may start them."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Any

import httpx
import pytest

from local_provider import Ask, Provider, Reply, Say, Wait
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.settings import ServerSettings
from pytest_opswald.server.storage import projects, spending
from tests.providers import point_at
from tests.server.conftest import serving
from tests.server.test_golden_tests import golden, run
from tests.server.test_replays import ended, start
from tests.server.test_tenants import client_of
from tests.server.test_traces import problem
from tests.server.traces import refund
from tests.server.waiting import PATIENCE_SECONDS, until

CHANGED = {"modifications": {"model": "gpt-5-mini"}}


def says(_: Ask) -> Reply:
    return Say("A long answer " * 100)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with Provider(says) as running:
        point_at(running, monkeypatch)
        yield running


@pytest.mark.parametrize(
    "caps", [{"replay_usd": 1e-6}, {"replay_usd_a_day": 1e-6}], ids=["replay", "day"]
)
def test_a_cap_ends_a_replay_before_the_next_call(
    tmp_path: Any, provider: Provider, caps: Any
) -> None:
    """What was spent until then is told, and a run has an error, not a verdict."""
    settings = ServerSettings(db=f"sqlite:///{tmp_path / 'capped.db'}", **caps)
    with serving(settings) as url, httpx.Client(base_url=f"{url}/v1", timeout=30) as api:
        said = ended(api, start(api, **CHANGED))
        test = golden(api, "Capped")
        told = run(api, test_ids=[test["id"]], **CHANGED)

    assert (said["status"], said["error"]["type"], said["error"]["step"]) == (
        "failed",
        "spend_cap",
        5,
    )
    assert said["spent"] > 1e-6
    assert told["results"][0]["error"]["type"] == "spend_cap"


def test_deleting_gives_no_money_back(tmp_path: Any, provider: Provider) -> None:
    """What was spent today stays spent when nobody can see any more what for."""
    settings = ServerSettings(db=f"sqlite:///{tmp_path / 'capped.db'}", replay_usd_a_day=1e-6)
    with serving(settings) as url, httpx.Client(base_url=f"{url}/v1", timeout=30) as api:
        trace = refund(api)
        ended(api, start(api, trace_id=trace, **CHANGED))
        api.delete(f"/traces/{trace}").raise_for_status()
        said = ended(api, start(api, **CHANGED))

    assert (said["error"]["type"], said["error"]["step"]) == ("spend_cap", 2)
    assert len(provider.requests) == 1


@pytest.mark.parametrize("how", ["stop", "delete"])
def test_a_call_counts_though_nobody_waits_for_its_answer(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Its replay was stopped or deleted while it was made."""
    asked, over = Event(), Event()

    def slowly(_: Ask) -> Reply:
        asked.set()
        return [Wait(over), Say("A long answer " * 100)]

    settings = ServerSettings(db=f"sqlite:///{tmp_path / 'late.db'}")
    with Provider(slowly) as slow:
        point_at(slow, monkeypatch)
        with serving(settings) as url, httpx.Client(base_url=f"{url}/v1", timeout=30) as api:
            trace = refund(api)
            replay = start(api, trace_id=trace, **CHANGED)
            assert asked.wait(PATIENCE_SECONDS)
            if how == "stop":
                api.post(f"/replays/{replay}/control", json={"action": "stop"}).raise_for_status()
            else:
                api.delete(f"/traces/{trace}").raise_for_status()
            over.set()

    with opened(settings.db) as database, database.reading() as connection:
        [project] = projects.all_of(connection)
        assert spending.of_a_day(connection, project) > 0


def test_only_models_that_are_listed_are_asked(tmp_path: Any, provider: Provider) -> None:
    """Whether or not their price is known."""
    listed = ServerSettings(
        db=f"sqlite:///{tmp_path / 'listed.db'}", replay_models=("my-own", "gpt-5-mini")
    )
    with serving(listed) as url, httpx.Client(base_url=f"{url}/v1", timeout=30) as api:
        refused = {"trace_id": refund(api), "modifications": {"model": "gpt-5"}}
        told = problem(api.post("/replays", json=refused))
        own = ended(api, start(api, modifications={"model": "my-own"}))

    assert told["details"] == {"field": "modifications.model", "expected": "my-own, gpt-5-mini"}
    assert own["status"] == "completed"


def test_a_test_that_takes_too_long_times_out(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each on its own; the run comes to its end."""
    with Provider(lambda _: [Wait(5.0), Say("late")]) as slow:
        point_at(slow, monkeypatch)
        test = golden(api, "Slow")
        told = run(
            api, test_ids=[test["id"]], modifications={"model": "gpt-5-mini", "timeout": 0.2}
        )

    assert (told["status"], told["errored"]) == ("completed", 1)
    assert told["results"][0]["status"] == "timeout"


def test_what_asks_models_takes_the_scope_replay(
    db: str, api: httpx.Client, base_url: str, provider: Provider
) -> None:
    """A runner's uploads and judging recordings again do not."""
    api.get("/replays").raise_for_status()  # the server has made its tables
    with opened(db) as database, client_of(base_url, database, "scoped", "read", "write") as user:
        test = golden(user, "Scoped")

        assert problem(user.post("/replays", json={"trace_id": test["trace_id"]}), 403)
        assert problem(user.post("/golden-tests/run", json=CHANGED), 403)
        assert run(user)["passed"] == 1
        assert user.post("/golden-tests/run", json={"executor": "runner", **CHANGED}).is_success


def test_ends_are_announced(api: httpx.Client) -> None:
    """To webhooks that want to hear of them, with what they came to."""
    wanted = {"golden_run.completed", "replay.completed"}
    hook = {"url": "https://example.com/", "events": sorted(wanted), "active": True}
    webhook = api.post("/webhooks", json=hook).json()["id"]
    test = golden(api, "Announced")
    told = run(api, test_ids=[test["id"]])
    path = f"/webhooks/{webhook}/deliveries"
    sent = until(api, path, lambda said: {each["event"] for each in said["data"]} >= wanted)
    api.delete(f"/webhooks/{webhook}")

    assert told["passed"] == 1
    assert sent["total"] >= 2
