"""Which addresses a webhook may reach. Pure functions."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Rule = Callable[[Address], bool]
_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = (
    ip_network("168.63.129.16"),  # Azure
    ip_network("192.0.0.192"),  # Oracle
    ip_network("fd00:ec2::/32"),  # Amazon
    ip_network("fd20:ce::254"),  # Google
)
"""Where clouds tell machines their credentials; elsewhere these addresses are link-local."""


def public(address: Address) -> bool:
    """Anywhere on the internet, and nowhere else."""
    meant = _meant(address)
    return meant.is_global and not (
        meant.is_multicast
        or meant.is_reserved
        or getattr(meant, "is_site_local", False)
        or _is_metadata(meant)
    )


def public_or_loopback(address: Address) -> bool:
    """For a server that nobody but this machine can reach."""
    return public(address) or _meant(address).is_loopback


def public_or_private(address: Address) -> bool:
    """For a server that is told so; clouds' metadata stays out of reach."""
    meant = _meant(address)
    special = (
        meant.is_link_local
        or meant.is_multicast
        or meant.is_unspecified
        or meant.is_reserved
        or _is_metadata(meant)
    )
    return public_or_loopback(address) or (meant.is_private and not special)


def parsed(text: str) -> Address:
    """As a resolver writes it; a zone (`fe80::1%eth0`) says nothing here. Raises ValueError."""
    return ip_address(text.partition("%")[0])


def _is_metadata(address: Address) -> bool:
    return any(address in network for network in _METADATA)


def _meant(address: Address) -> Address:
    """The IPv4 address inside of an IPv6 address that leads to one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
