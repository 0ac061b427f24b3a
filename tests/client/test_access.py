"""Which server, which key, and who gets to see it."""

from __future__ import annotations

import copy
import pickle
import sys
import types

import pytest

from pytest_opswald import AsyncOpsClient, OpsClient
from pytest_opswald.errors import InvalidSetting
from tests.client.conftest import Ask
from tests.client.fault_server import FaultServer, says
from tests.client.test_retries import TRACE

KEY = "ops_a1B2c3D4e5F6g7H8"

URLS = {
    "http://127.0.0.1:8321": "http://127.0.0.1:8321/v1",
    "http://localhost:8321/": "http://localhost:8321/v1",
    "http://[::1]:8321/v1/": "http://[::1]:8321/v1",
    "https://ops.example/api/v1": "https://ops.example/api/v1",
    None: "https://api.opswald.com/v1",
}


@pytest.mark.parametrize(("given", "there"), URLS.items())
def test_base_url(given: str | None, there: str) -> None:
    """The API is below the URL that is given, below /v1 when that has no path."""
    assert OpsClient(KEY, given).base_url == there


NO_PLACE = [
    "ops.example",
    "ftp://ops.example",
    "https://",
    "https://me:secret@ops.example",
    "https://ops.example/v1?key=1",
    "https://[::1",
    "https://ops.example:port",
]


@pytest.mark.parametrize("url", NO_PLACE)
def test_no_base_url(url: str) -> None:
    """What is no URL of a server is refused, without saying what may be a secret in it."""
    with pytest.raises(InvalidSetting, match="base URL") as caught:
        OpsClient(KEY, url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://ops.example", "http://10.0.0.1", "http://localhost.example"]
)
def test_no_key_over_http(url: str) -> None:
    """Plain http is for this machine only."""
    with pytest.raises(InvalidSetting, match="over https only"):
        OpsClient(KEY, url)


def test_environment(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    """Key and base URL may come from the environment."""
    with FaultServer(says(200, TRACE)) as server:
        monkeypatch.setenv("OPSWALD_API_KEY", f"{KEY}\n")  # as `$(cat file)` leaves it
        monkeypatch.setenv("OPSWALD_BASE_URL", server.url)
        ask(types.SimpleNamespace(url=None), lambda client: client.traces.get("trace_1"))

    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_given_key_wins(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    """An argument is stronger than the environment."""
    monkeypatch.setenv("OPSWALD_API_KEY", "ops_other")
    with FaultServer(says(200, TRACE)) as server:
        ask(server, lambda client: client.traces.get("trace_1"), key=KEY)

    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key in the environment the keyring is asked for that server's."""
    asked = []

    def get_password(service: str, user: str) -> str:
        asked.append((service, user))
        return KEY

    ring = types.ModuleType("keyring")
    ring.get_password = get_password  # type: ignore[attr-defined]
    ring.errors = types.SimpleNamespace(KeyringError=LookupError)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)

    OpsClient(base_url="https://ops.example")

    assert asked == [("pytest-opswald", "https://ops.example/v1")]


def test_no_key_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's server wants a key, and the error says where to put it."""
    monkeypatch.setitem(sys.modules, "keyring", None)  # not installed

    with pytest.raises(InvalidSetting, match="set OPSWALD_API_KEY"):
        OpsClient(base_url="https://ops.example")


@pytest.mark.parametrize("key", ["ops_a b", "ops_a\r\nX: y", "ops_é", "ops_\x00"])
def test_no_key(key: str) -> None:
    """A key that no header can hold is refused without being told."""
    with pytest.raises(InvalidSetting, match="no key has") as caught:
        OpsClient(key, "https://ops.example")

    assert key not in str(caught.value)


@pytest.mark.parametrize("client", [OpsClient, AsyncOpsClient])
def test_key_is_not_shown(client: type[OpsClient]) -> None:
    """Neither a repr nor a copy nor a pickle gives the key away."""
    made = client(KEY, "https://ops.example")

    assert repr(made) == f"{client.__name__}(base_url='https://ops.example/v1')"
    assert KEY not in repr(made._sender.access)
    for leak in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="a key is not pickled"):
            leak(made)


def test_local_servers_are_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    """What is sent to this machine over plain http does not go through another."""
    with FaultServer(says(502)) as proxy, FaultServer(says(200, TRACE)) as server:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        ask(server, lambda client: client.traces.get("trace_1"), key=KEY)

    assert proxy.requests == []


LEAKING = """
import pytest_opswald
from tests.client.fault_server import *

def client(server): return pytest_opswald.OpsClient(base_url=server.url)

def test_refused():
    with FaultServer(says(400, {})) as server: client(server).traces.get("trace_1")

def test_reset():
    with FaultServer(resets) as server: client(server).replays.start(trace_id="trace_1")

def test_nobody():
    with FaultServer(resets) as server: pass
    pytest_opswald.OpsClient(base_url=server.url, deadline=0.1).traces.get("trace_1")

def test_html():
    with FaultServer(says(200, b"<html>")) as server: client(server).traces.list().page()

def test_silent():
    with FaultServer(never_answers) as server:
        pytest_opswald.OpsClient(base_url=server.url, deadline=0.1).traces.get("trace_1")

def test_nonsense():
    pytest_opswald.OpsClient(base_url="http://localhost:1").traces.get(7)

def test_unsafe():
    pytest_opswald.OpsClient(base_url="http://ops.example")

def test_odd_url():
    pytest_opswald.OpsClient(base_url="ops.example")
"""


def test_no_report_shows_the_key(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failing calls under --showlocals, in every log, leave no trace of the key."""
    monkeypatch.setenv("OPSWALD_API_KEY", KEY)
    pytester.makepyfile(LEAKING)

    run = pytester.runpytest_inprocess(
        *("--showlocals", "--tb=long", "-vv", "--log-level=DEBUG", "--junitxml=report.xml"),
        *("-p", "no:asyncio"),
    )

    run.assert_outcomes(failed=8)
    shown = run.stdout.str() + (pytester.path / "report.xml").read_text()
    assert "validation_error" in shown
    assert KEY not in shown
