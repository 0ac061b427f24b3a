"""Bodies of requests, read whole and within limits before the application sees them."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import AsyncExitStack

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pytest_opswald.server.problems import ApiProblem, answered, invalid

from .depth import MOST, MOST_VALUES, too_deep, too_many

UNPACKED = 5
"""How many times larger a body may become when it is unpacked."""
PATIENCE_SECONDS = 30
"""How long a client may take to send it."""
_WITHOUT = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_LARGE = 2**18
"""More bytes than this are looked at in a thread, while others are served."""
_PIECE = 2**20
"""Bytes that are unpacked at a time."""
_SMALLER = {"/v1/events": 2**20}


class Bodies:
    """Refuses what is too large (413), too slow (408), no JSON (415), too deep or too much (400).

    Large bodies are worked on one at a time, until their answer begins: all of them together take
    no more memory than the largest.
    """

    def __init__(
        self, app: ASGIApp, *, most_bytes: int, patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        self._app = app
        self._most = most_bytes
        self._patience = patience_seconds
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _WITHOUT:
            await self._app(scope, receive, send)
            return
        async with AsyncExitStack() as until_answered:

            async def send_on(message: Message) -> None:
                await until_answered.aclose()
                await send(message)

            try:
                content = await self._read(scope, receive, until_answered)
            except ApiProblem as problem:
                await answered(problem)(scope, receive, send_on)
            else:
                await self._app(_unpacked(scope, content), _replayed(content, receive), send_on)

    async def _read(self, scope: Scope, receive: Receive, until_answered: AsyncExitStack) -> bytes:
        headers = Headers(scope=scope)
        most = min(self._most, _SMALLER.get(scope["path"], self._most))
        if _declared(headers) > most:
            raise _too_large(most)
        content = await self._received(receive, most)
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if content:
            _expect_json(headers)
        if encoding == "identity" and len(content) < _LARGE:
            return _checked(content)
        if len(content) < _LARGE:
            plain = await run_in_threadpool(_inflated, content, encoding, _LARGE)
            if plain is not None:
                return _checked(plain)
        await until_answered.enter_async_context(self._turn)
        return await run_in_threadpool(_inspected, content, encoding, most * UNPACKED)

    async def _received(self, receive: Receive, most: int) -> bytes:
        content = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _cut_short()
                    content += message.get("body", b"")
                    if len(content) > most:
                        raise _too_large(most)
                    if not message.get("more_body"):
                        return bytes(content)
        except TimeoutError:
            raise _too_slow(self._patience) from None


def _declared(headers: Headers) -> int:
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 20 else 0


def _expect_json(headers: Headers) -> None:
    said = headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != "application/json" and not (
        said.startswith("application/") and said.endswith("+json")
    ):
        raise invalid(
            f"This is read as JSON, not as {said or 'something without a type'}",
            field="Content-Type",
            expected="application/json",
            status=415,
        )


def _inspected(content: bytes, encoding: str, most: int) -> bytes:
    plain = _inflated(content, encoding, most)
    if plain is None:
        raise _too_large(most)
    return _checked(plain)


def _checked(content: bytes) -> bytes:
    if too_many(content):
        raise invalid(
            f"The body holds more than {MOST_VALUES} values",
            field="body",
            expected=f"at most {MOST_VALUES} values in arrays and objects",
        )
    if too_deep(content):
        raise invalid(
            f"The body is nested more than {MOST} times",
            field="body",
            expected=f"at most {MOST} levels of arrays and objects",
        )
    return content


def _inflated(content: bytes, encoding: str, most: int) -> bytes | None:
    """Unpacked; None, and hardly more than that unpacked, when it becomes larger than `most`."""
    if encoding == "identity":
        return content
    if encoding not in {"gzip", "deflate"}:
        raise invalid(
            f"Nobody here unpacks {encoding}",
            field="Content-Encoding",
            expected="gzip or deflate",
            status=415,
        )
    packed, found = zlib.decompressobj(wbits=zlib.MAX_WBITS + 32), bytearray()
    try:
        while piece := packed.decompress(content, _PIECE):
            found += piece
            content = packed.unconsumed_tail
            if len(found) > most:
                return None
    except zlib.error:
        raise _not_packed(encoding) from None
    if not packed.eof or packed.unused_data:
        raise _not_packed(encoding)
    return bytes(found)


def _too_large(most: int) -> ApiProblem:
    expected = f"at most {most} bytes"
    return invalid("The body is too large", field="body", expected=expected, status=413)


def _too_slow(seconds: float) -> ApiProblem:
    return ApiProblem(
        "validation_error",
        f"The body did not arrive within {seconds:g} seconds",
        details={"field": "body", "expected": f"all of it within {seconds:g} seconds"},
        status=408,
        headers={"Connection": "close"},
    )


def _cut_short() -> ApiProblem:
    return invalid("The body was cut short", field="body", expected="all of it")


def _not_packed(encoding: str) -> ApiProblem:
    expected = f"one whole {encoding} stream"
    return invalid(f"The body is not {encoding}", field="body", expected=expected)


def _unpacked(scope: Scope, content: bytes) -> Scope:
    """The scope of a request that was sent plain."""
    plain = dict(scope)
    headers = MutableHeaders(scope=plain)
    del headers["content-encoding"]
    del headers["transfer-encoding"]
    headers["content-length"] = str(len(content))
    return plain


def _replayed(content: bytes, receive: Receive) -> Receive:
    """The body in one message; behind it whatever the client does next."""
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message
