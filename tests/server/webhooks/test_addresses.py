"""Addresses that webhooks may reach, by who runs the server."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from pytest_opswald.server.webhooks.addresses import public, public_or_loopback, public_or_private


def _who_may(address: str) -> str:
    rules = {"public": public, "loopback": public_or_loopback, "private": public_or_private}
    return " ".join(name for name, rule in rules.items() if rule(ip_address(address)))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::"],
)
def test_the_internet_is_for_everyone(address: str) -> None:
    """In IPv4, in IPv6, and in what leads from one to the other."""
    assert _who_may(address) == "public loopback private"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_for_servers_that_only_it_can_reach(address: str) -> None:
    """Whoever may ask such a server may ask its neighbours, too."""
    assert _who_may(address) == "loopback private"


@pytest.mark.parametrize("address", ["10.0.0.1", "172.16.3.4", "192.168.1.1", "fd00::1"])
def test_private_networks_are_for_servers_that_are_told_so(address: str) -> None:
    """`--webhook-allow-private`"""
    assert _who_may(address) == "private"


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "192.0.0.192",
        "fe80::1",
        "fec0::1",
        "0.0.0.0",
        "::",
        "100.100.100.200",
        "224.0.0.1",
        "ff02::1",
        "240.0.0.1",
        "255.255.255.255",
        "::127.0.0.1",
    ],
)
def test_some_addresses_are_for_nobody(address: str) -> None:
    """Credentials of clouds, everybody at once, nobody at all."""
    assert _who_may(address) == ""
