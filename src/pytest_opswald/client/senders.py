"""The two senders: the same calls over httpx, waited for and awaited."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .access import Access
from .attempts import Attempts
from .calls import Call, Document
from .clock import Clock
from .pages import AsyncPages, Item, Pages
from .replies import Failure, Reply, Unbearable, Unpacking

if TYPE_CHECKING:
    import httpx

    from pytest_opswald.api.pages import Page


class _Sending:
    """What both have: everything but the waiting."""

    def __init__(self, access: Access, *, deadline: float, clock: Clock) -> None:
        self.access = access
        self._deadline = deadline
        self._until = math.inf
        self._clock = clock

    def limit(self, seconds: float) -> None:
        self._until = self._clock.now() + seconds

    def _attempts(self, call: Call[Document]) -> Attempts[Document]:
        seconds = min(self._deadline, self._until - self._clock.now())
        return Attempts(call, self.access.base_url, self._clock, seconds)

    def _options(self) -> dict[str, Any]:
        """Of a client of httpx. A proxy of the environment would see what is sent over http."""
        return {
            "auth": self.access.key.sign,
            "follow_redirects": False,
            "trust_env": not self.access.is_local,
            "headers": {"User-Agent": _user_agent(), "Accept-Encoding": "gzip"},
        }

    def _request(self, attempts: Attempts[Document]) -> dict[str, Any]:
        call, headers = attempts.call, {"Accept": "application/json"}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if call.idempotency_key is not None:
            headers["Idempotency-Key"] = call.idempotency_key
        return {
            "method": call.method,
            "url": self.access.base_url + call.path,
            "params": call.query or None,
            "content": call.body,
            "headers": headers,
            "timeout": attempts.patience,
        }


class Sender(_Sending):
    """Answers calls while its caller waits."""

    def answer(self, call: Call[Document]) -> Document:
        """Raises ApiError and NoAnswer."""
        attempts = self._attempts(call)
        while True:
            came = self._try(attempts)
            if (pause := attempts.pause_after(came)) is None:
                return attempts.read(came)
            self._clock.sleep(pause)

    def pages(self, call: Call[Page[Item]]) -> Pages[Item]:
        return Pages(self, call)

    def close(self) -> None:
        if "_http" in vars(self):
            self._http.close()

    @cached_property
    def _http(self) -> httpx.Client:
        import httpx

        return httpx.Client(**self._options())

    def _try(self, attempts: Attempts[Document]) -> Reply | Failure:
        try:
            with self._http.stream(**self._request(attempts)) as response:
                body = Unpacking(response.headers.get("content-encoding", ""))
                for chunk in response.iter_raw():
                    _take(body, chunk, attempts)
                return _reply(response, body)
        except Exception as error:
            return _failure(error)


class AsyncSender(_Sending):
    """Answers calls while other tasks go on."""

    async def answer(self, call: Call[Document]) -> Document:
        """Raises ApiError and NoAnswer."""
        attempts = self._attempts(call)
        while True:
            came = await self._try(attempts)
            if (pause := attempts.pause_after(came)) is None:
                return attempts.read(came)
            await self._clock.sleep_async(pause)

    def pages(self, call: Call[Page[Item]]) -> AsyncPages[Item]:
        return AsyncPages(self, call)

    async def close(self) -> None:
        if "_http" in vars(self):
            await self._http.aclose()

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(**self._options())

    async def _try(self, attempts: Attempts[Document]) -> Reply | Failure:
        try:
            async with self._http.stream(**self._request(attempts)) as response:
                body = Unpacking(response.headers.get("content-encoding", ""))
                async for chunk in response.aiter_raw():
                    _take(body, chunk, attempts)
                return _reply(response, body)
        except Exception as error:
            return _failure(error)


def _take(body: Unpacking, chunk: bytes, attempts: Attempts[Document]) -> None:
    body.take(chunk)
    if attempts.left <= 0:
        raise Unbearable("the answer was still on its way when time was over")


def _reply(response: httpx.Response, body: Unpacking) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, body.body)


def _failure(error: Exception) -> Failure:
    """The error as data: what httpx raises holds the request, and that the key.

    Raises it when it is none of the network.
    """
    import httpx

    told = f"{type(error).__name__}: {error}".rstrip(": ")
    match error:
        case Unbearable():
            return Failure("unbearable", str(error))
        case httpx.ConnectError() if "CERTIFICATE" in told:
            return Failure("unbearable", told)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Failure("unsent", told)
        case httpx.TransportError():
            return Failure("broken", told)
    raise error


def _user_agent() -> str:
    import pytest_opswald

    return f"pytest-opswald/{pytest_opswald.__version__}"
