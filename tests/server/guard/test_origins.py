"""Names of the server, and pages of other sites."""

from __future__ import annotations

import httpx
import pytest

from pytest_opswald.server.guard.origins import Origins, hosts_of
from pytest_opswald.server.settings import ServerSettings

from .conftest import Serve


@pytest.fixture
def client(serve: Serve) -> httpx.Client:
    return serve(lambda app: Origins(app, hosts=hosts_of(ServerSettings())))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1:8787", "[::1]:8787", "LOCALHOST:1", "localhost."]
)
def test_the_own_names_are_answered_to(client, host) -> None:
    """With whatever port: a tunnel may change it."""
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "evil.example:127.0.0.1",
        "[::1",
        "0.0.0.0",
        "2130706433",
        "",
    ],
)
def test_a_name_bound_to_our_address_is_no_name_of_ours(client, host) -> None:
    """DNS rebinding: a page of evil.example, whose name now leads here, gets nothing."""
    answer = client.get("/", headers={"Host": host})

    assert answer.status_code == 400
    assert answer.json()["error"]["details"]["field"] == "Host"


@pytest.mark.parametrize(
    ("settings", "hosts"),
    [
        pytest.param({}, {"localhost", "127.0.0.1", "::1"}, id="local"),
        pytest.param({"host": "::1"}, {"localhost", "127.0.0.1", "::1"}, id="local, IPv6"),
        pytest.param(
            {"public_url": "https://ops.example.com/x"},
            {"localhost", "127.0.0.1", "::1", "ops.example.com"},
            id="local behind a proxy",
        ),
        pytest.param({"host": "0.0.0.0"}, None, id="names unknown: keys protect it"),
        pytest.param(
            {"host": "10.0.0.7", "public_url": "https://ops.example.com"},
            {"localhost", "127.0.0.1", "::1", "ops.example.com", "10.0.0.7"},
            id="known by two names",
        ),
    ],
)
def test_what_the_server_is_called_follows_from_its_settings(settings, hosts) -> None:
    """Its own address, its public URL, and this machine."""
    assert hosts_of(ServerSettings(**settings)) == hosts


@pytest.mark.parametrize(
    ("method", "headers", "allowed"),
    [
        pytest.param("POST", {}, True, id="no browser"),
        pytest.param("POST", {"Sec-Fetch-Site": "same-origin"}, True, id="own page"),
        pytest.param("POST", {"Sec-Fetch-Site": "none"}, True, id="typed by a user"),
        pytest.param("POST", {"Sec-Fetch-Site": "cross-site"}, False, id="other site"),
        pytest.param("POST", {"Sec-Fetch-Site": "same-site"}, False, id="other subdomain"),
        pytest.param("DELETE", {"Sec-Fetch-Site": "cross-site"}, False, id="other site deletes"),
        pytest.param("GET", {"Sec-Fetch-Site": "cross-site"}, True, id="a link is followed"),
        pytest.param("POST", {"Origin": "http://localhost"}, True, id="old browser, own page"),
        pytest.param("POST", {"Origin": "http://evil.example"}, False, id="old browser, other"),
        pytest.param("POST", {"Origin": "http://localhost:9"}, False, id="old browser, other port"),
        pytest.param("POST", {"Origin": "null"}, False, id="sandboxed page"),
    ],
)
def test_only_own_pages_change_anything(client, method, headers, allowed) -> None:
    """As browsers tell it; whoever is no browser is not asked."""
    answer = client.request(method, "/", headers={"Host": "localhost"} | headers)

    assert answer.status_code == (200 if allowed else 403)
    assert allowed or answer.json()["error"]["type"] == "authorization_error"
