"""Clients whose connections raise no audit event: kept open, or made by C code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from .audit import guard_in_force

ADAPTERS = dict.fromkeys(("aiohttp", "grpc._channel", "grpc.aio._channel", "uvloop"), __name__)
"""For `capture.patching`."""


@contextmanager
def installed(library: ModuleType) -> Iterator[None]:
    """Have the guard in force asked before this library sends anything."""
    with ExitStack() as patches:
        for owner, name, wrapper in _LIBRARIES[library.__name__](library):
            patches.enter_context(_patched(owner, name, wrapper))
        yield


Wrapper = Callable[[Any], Any]
Patch = tuple[Any, str, Wrapper]
"""Class, method, and what makes the new method of the old one."""


@contextmanager
def _patched(owner: Any, name: str, wrapper: Wrapper) -> Iterator[None]:
    own = name in vars(owner)
    original = getattr(owner, name)
    patched = wraps(original)(wrapper(original))
    setattr(owner, name, patched)
    try:
        yield
    finally:
        if getattr(owner, name) is patched:  # else somebody built on top of it
            setattr(owner, name, original) if own else delattr(owner, name)


def _check(address: Any) -> None:
    """Raises RefusedConnection for an address outside; paths of sockets are none."""
    guard = guard_in_force()
    if guard and isinstance(address, tuple) and address[0] is not None:
        guard.check_place(str(address[0]), address[1])


def _aiohttp(library: Any) -> Iterator[Patch]:
    """Connections are kept between requests: asked once one is at hand, new or old."""

    def wrapper(original: Any) -> Any:
        async def connect(self: Any, *args: Any, **options: Any) -> Any:
            connection = await original(self, *args, **options)
            try:
                _check(connection.transport and connection.transport.get_extra_info("peername"))
            except BaseException:
                connection.close()
                raise
            return connection

        return connect

    yield library.BaseConnector, "connect", wrapper


def _grpc(channels: Any) -> Iterator[Patch]:
    """Channels connect by themselves and stay connected: every call asks, sync and async."""

    def wrapper(original: Any) -> Any:
        def call(self: Any, *args: Any, **options: Any) -> Any:
            _check(_target(self._channel.target()))
            return original(self, *args, **options)

        return call

    calls = [kind for name, kind in vars(channels).items() if name.endswith("MultiCallable")]
    for kind in calls:
        for method in ("__call__", "with_call", "future"):
            if method in vars(kind):
                yield kind, method, wrapper


def _target(target: Any) -> tuple[str, int | None] | None:
    """`dns:///host:443`, `ipv4:10.0.0.1:443` or plain `host:443`; None for a local socket."""
    text = unquote(target if isinstance(target, str) else bytes(target).decode())
    if text.startswith(("unix:", "unix-abstract:")):
        return None
    _, host, _, port = _GRPC_TARGET.fullmatch(text).groups()  # type: ignore[union-attr]
    return host, int(port) if port else None


_GRPC_TARGET = re.compile(r"(dns:|ipv4:|ipv6:)?(?:/*[^/]*/)?\[?(.*?)\]?(:(\d+))?", re.DOTALL)


def _uvloop(library: Any) -> Iterator[Patch]:
    """Its loop connects and looks names up in C."""

    def asking(place: Callable[..., Any]) -> Wrapper:
        def wrapper(original: Any) -> Any:
            def method(self: Any, *args: Any, **options: Any) -> Any:
                _check(place(*args, **options))
                return original(self, *args, **options)

            return method

        return wrapper

    for name, place in _UVLOOP.items():
        yield library.Loop, name, asking(place)


_UVLOOP: dict[str, Callable[..., Any]] = {
    "create_connection": lambda factory, host=None, port=None, **rest: (host, port),
    "create_datagram_endpoint": lambda factory, local=None, remote_addr=None, **rest: remote_addr,
    "getaddrinfo": lambda host, port=None, **rest: (host, port),
    "sock_connect": lambda sock, address: address,
}
_LIBRARIES: dict[str, Callable[[Any], Iterator[Patch]]] = {
    "aiohttp": _aiohttp,
    "grpc._channel": _grpc,
    "grpc.aio._channel": _grpc,
    "uvloop": _uvloop,
}
