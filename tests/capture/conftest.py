"""Both libraries of the httpx family, and one way to call each, sync and async."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import pytest

from pytest_opswald.capture.patching import captured

LIBRARIES = [name for name in ("httpx", "httpx2") if find_spec(name)]
ASKED = {"model": "gpt-5.2", "stream": True, "messages": [{"role": "user", "content": "hello"}]}


@dataclass
class Reading:
    """What a reader of a body got."""

    status: int
    chunks: list[bytes] = field(default_factory=list)
    error: Exception | None = None

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)


class SyncCaller:
    """Posts with a `Client` and reads the body."""

    def __init__(self, http: Any) -> None:
        self.http = http
        self.client = http.Client

    def read(self, url: str, body: Any = ASKED, *, limit: int | None = None, **options: Any) -> Any:
        """The body's raw chunks; with `limit`, the reader leaves after so many."""
        with self.client(**options) as client, client.stream("POST", url, json=body) as response:
            reading = Reading(response.status_code)
            try:
                for chunk in response.iter_raw():
                    reading.chunks.append(chunk)
                    if len(reading.chunks) == limit:
                        break
            except self.http.HTTPError as error:
                reading.error = error
            return reading


class AsyncCaller:
    """Posts with an `AsyncClient` and reads the body."""

    def __init__(self, http: Any) -> None:
        self.http = http
        self.client = http.AsyncClient

    def read(self, url: str, body: Any = ASKED, *, limit: int | None = None, **options: Any) -> Any:
        return asyncio.run(self._read(url, body, limit, options))

    async def _read(self, url: str, body: Any, limit: int | None, options: Any) -> Reading:
        async with (
            self.client(**options) as client,
            client.stream("POST", url, json=body) as response,
        ):
            reading = Reading(response.status_code)
            try:
                async for chunk in response.aiter_raw():
                    reading.chunks.append(chunk)
                    if len(reading.chunks) == limit:
                        break
            except self.http.HTTPError as error:
                reading.error = error
            return reading


@pytest.fixture(params=LIBRARIES)
def http(request: pytest.FixtureRequest) -> ModuleType:
    """httpx, then httpx2."""
    return importlib.import_module(request.param)


@pytest.fixture
def patched(http: ModuleType) -> Iterator[None]:
    """The library is watched while the test runs."""
    with captured():
        yield


@pytest.fixture(params=[SyncCaller, AsyncCaller], ids=["sync", "async"])
def caller(request: pytest.FixtureRequest, http: ModuleType, patched: None) -> Any:
    """A sync, then an async user of the library."""
    return request.param(http)
