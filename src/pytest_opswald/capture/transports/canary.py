"""Proves, when a library is patched, that its clients still pass through the patched seam.

A seam that silently sees nothing would turn every replay into live calls.
"""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

from pytest_opswald.errors import OpswaldError


class _Seen(Exception):
    """Our transport was about to be asked; nothing was logged, nothing was sent."""


@cache  # every run asks; two clients cost half a millisecond
def check_seam(module: ModuleType, seam: str) -> None:
    """Raise OpswaldError unless a sync and an async client ask `seam` for their transport."""
    for name, ask in (("Client", _ask), ("AsyncClient", _ask_async)):
        if not ask(_probe(module, name, seam)):
            version = getattr(module, "__version__", "of unknown version")
            raise OpswaldError(
                f"{module.__name__} {version} no longer sends through {name}.{seam}: "
                "its calls can be neither recorded nor replayed.\n"
                "Upgrade pytest-opswald, or install an earlier release of that library."
            )


def _probe(module: Any, name: str, seam: str) -> Any:
    client: Any = getattr(module, name, None)
    if not hasattr(client, seam):
        return None

    def transport_for_url(self: Any, url: Any) -> _Witness:
        getattr(client, seam)(self, url)
        return _Witness()

    probe = type("Probe", (client,), {seam: transport_for_url})
    unseen = module.MockTransport(lambda request: module.Response(204))
    return probe(transport=unseen, trust_env=False)


class _Witness:
    def handle_request(self, request: Any) -> Any:
        raise _Seen

    async def handle_async_request(self, request: Any) -> Any:
        raise _Seen


def _ask(client: Any) -> bool:
    if client is None:
        return False
    with client:
        try:
            client.get("http://opswald.invalid")
        except _Seen:
            return True
    return False


def _ask_async(client: Any) -> bool:
    async def ask() -> bool:
        async with client:
            try:
                await client.get("http://opswald.invalid")
            except _Seen:
                return True
        return False

    coroutine = ask()
    try:
        coroutine.send(None)
    except StopIteration as end:
        return bool(end.value)
    finally:
        coroutine.close()
    return False
