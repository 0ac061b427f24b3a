"""The client of the Opswald API, for code that waits and for code that awaits.

client = OpsClient()
for trace in client.traces.list(error=True):
    print(trace.id, trace.total_cost)
"""

from __future__ import annotations

from typing import Generic, Self

from .access import Access, Key
from .clock import Clock
from .endpoints import Sending
from .resources import Analytics, Events, GoldenTests, Replays, Runner, Sessions, Traces, Webhooks
from .senders import AsyncSender, Sender

DEADLINE = 30.0
"""Seconds for one call, its retries included."""


class _Client(Generic[Sending]):
    _sends: type[Sending]

    def __init__(
        self,
        key: str | Key | None = None,
        base_url: str | None = None,
        *,
        deadline: float = DEADLINE,
        clock: Clock | None = None,
    ) -> None:
        key = key if isinstance(key, Key) else Key(key)  # no traceback from here on shows it
        access = Access.to(base_url, key)
        self._sender = sender = self._sends(access, deadline=deadline, clock=clock or Clock())
        self.traces = Traces(sender)
        self.sessions = Sessions(sender)
        self.events = Events(sender)
        self.analytics = Analytics(sender)
        self.replays = Replays(sender)
        self.runner = Runner(sender)
        self.golden_tests = GoldenTests(sender)
        self.webhooks = Webhooks(sender)

    @property
    def base_url(self) -> str:
        return self._sender.access.base_url

    def limit(self, seconds: float) -> None:
        """Let all calls from now on take no more than so many seconds together."""
        self._sender.limit(seconds)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


class OpsClient(_Client[Sender]):
    """Speaks to the Opswald API; methods return documents, or raise ApiError or NoAnswer.

    Args:
        key: else OPSWALD_API_KEY, else the system's keyring; a server on this machine needs none.
        base_url: else OPSWALD_BASE_URL, else the hosted service.
        deadline: seconds for one call. What failed in a way that another try may mend is tried
            again until then, unless it might be done twice.
        clock: how time passes, for tests.

    Raises:
        InvalidSetting: no key, or one that would be sent over plain http to another machine.
    """

    _sends = Sender

    def close(self) -> None:
        self._sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncOpsClient(_Client[AsyncSender]):
    """OpsClient for asyncio and trio: methods are awaited, lists walked over with `async for`."""

    _sends = AsyncSender

    async def close(self) -> None:
        await self._sender.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
