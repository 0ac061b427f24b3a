"""Where this machine ends, and which of Python's audit events lead beyond.

Nothing but the standard library, and that only when needed: every Python child of a replay loads
this file by its path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Place = tuple[str, "int | None"]
"""Host and port of a destination."""

LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


class Boundary:
    """Tells what lies outside: what is neither loopback nor allowed, or is reached by a proxy.

    `allowed` are names, addresses and networks (`10.0.0.0/8`), `proxies` the ports on loopback
    behind which somebody passes everything on.
    """

    def __init__(self, allowed: Iterable[str] = (), proxies: Iterable[int] = ()) -> None:
        self.allowed = tuple(allowed)
        self.proxies = frozenset(proxies)

    def crossing(self, event: str, args: tuple[Any, ...]) -> Place | None:
        """The place outside that an audit event is about to reach; None when it stays inside."""
        place = _PLACES[event](*args)
        return place if place and self.is_outside(*place) else None

    def is_outside(self, host: str, port: int | None = None) -> bool:
        address = _address(host)
        if address is None:
            local = self._is_local_name(host.lower().rstrip("."))
            return (not local and host not in self.allowed) or port in self.proxies
        if address.is_loopback or address.is_unspecified:
            return port in self.proxies
        return not self._allows(address)

    def _is_local_name(self, name: str) -> bool:
        import socket

        return name in LOCAL_NAMES or name.endswith(".localhost") or name == _own_name(socket)

    def _allows(self, address: Any) -> bool:
        from ipaddress import ip_network

        for allowed in self.allowed:
            try:
                if address in ip_network(allowed, strict=False):
                    return True
            except ValueError:
                if str(address) in _resolved(allowed):
                    return True
        return False


def spelled(place: Place) -> str:
    """`api.openai.com:443`"""
    host, port = place
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def refusal(place: Place) -> str:
    """What is said of a destination that is refused, and what to do about it."""
    return (
        f"{spelled(place)} lies outside this machine, and a replay stays inside\n"
        "Declare the function that asked as a tool: then the golden answers.\n"
        f"Or allow a server of yours in the ini file: opswald_allow_hosts = {place[0]}"
    )


def _address(host: str) -> Any:
    """As an `ipaddress` object, an IPv4 one where IPv6 merely wraps it; None for a name."""
    from ipaddress import ip_address

    try:
        address = ip_address(host.partition("%")[0] or "0.0.0.0")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _own_name(socket: Any) -> str:
    return str(socket.gethostname()).lower()


def _resolved(name: str) -> set[str]:
    """Addresses of an allowed name, asked for when one is about to be refused."""
    import socket

    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
    except OSError:
        return set()


def _sent_to(sock: Any, address: Any) -> Place | None:
    """Destination of a socket; None where no network is involved."""
    import socket

    if sock.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple):
        return None
    return _text(address[0]), address[1]


def _looked_up(host: Any, port: Any = None, *_: Any) -> Place | None:
    """A name that a resolver is asked for; an address needs none."""
    if host is None or _address(_text(host)):
        return None
    return _text(host), port if isinstance(port, int) else None


def _looked_up_by_address(address: Any) -> Place:
    return _text(address[0] if isinstance(address, tuple) else address), None


def _at_the_other_end(connection: Any, data: Any) -> Place | None:
    """Where a connection leads that may have been open before anybody was watching."""
    try:
        address = connection.sock.getpeername()
    except (AttributeError, OSError):
        return connection.host, connection.port
    return (address[0], address[1]) if isinstance(address, tuple) else None


def _behind_ctypes(library: Any, name: Any) -> Place | None:
    """Its addresses are out of sight: no networking function is found at all."""
    return (f"whatever {name}() of ctypes reaches", None) if name in _BY_CTYPES else None


def _text(host: Any) -> str:
    return host.decode("latin-1") if isinstance(host, bytes | bytearray) else str(host)


_BY_CTYPES = ("connect", "sendto", "sendmsg", "sendmmsg", "getaddrinfo", "gethostbyname")
_PLACES: dict[str, Callable[..., Place | None]] = {
    "socket.connect": _sent_to,
    "socket.sendto": _sent_to,
    "socket.sendmsg": _sent_to,
    "socket.getaddrinfo": _looked_up,
    "socket.gethostbyname": _looked_up,
    "socket.gethostbyaddr": _looked_up_by_address,
    "socket.getnameinfo": _looked_up_by_address,
    "http.client.send": _at_the_other_end,
    "ctypes.dlsym": _behind_ctypes,
}
EVENTS = frozenset(_PLACES)
"""Audit events that may lead outside."""
