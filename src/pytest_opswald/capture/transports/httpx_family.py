"""httpx and httpx2, sync and async: one adapter at the place where a client picks a transport.

`Client._transport_for_url` is the one seam that sees every request: default, mounted and custom
transports, proxies, redirects and aiohttp underneath. It is private, so a canary guards it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache, partial, wraps
from types import ModuleType
from typing import Any, NoReturn
from urllib.parse import urlsplit

from pytest_opswald.capture.calls import (
    ABANDONED,
    LiveCall,
    decide,
    handler_in_force,
    watched,
)
from pytest_opswald.capture.handler import Detour, Handler, current_tool
from pytest_opswald.capture.turns import PATIENCE_SECONDS, Turn, pause
from pytest_opswald.capture.unbuilt import built_when_used
from pytest_opswald.exchange import Failure, Headers, Request, Response

from .bodies import ServedBody, TeedBody
from .canary import check_seam

SEAM = "_transport_for_url"
_IN_PROCESS = {"ASGITransport", "WSGITransport", "_TestClientTransport"}
_OF_THE_OLD_BODY = {"content-length", "transfer-encoding", "content-encoding"}


@contextmanager
def installed(module: ModuleType) -> Iterator[None]:
    """Watch every client of this library; a library already watched is left alone."""
    library = _library(module)
    with ExitStack() as patches:
        for name in ("Client", "AsyncClient"):
            patches.enter_context(_patched(getattr(module, name, None), library))
        for name in ("HTTPTransport", "AsyncHTTPTransport"):
            patches.enter_context(built_when_used(getattr(module, name, None)))
        check_seam(module, SEAM)
        yield


@contextmanager
def _patched(client: Any, library: _Library) -> Iterator[None]:
    original = getattr(client, SEAM, None)
    if original is None or hasattr(original, "watched_by_opswald"):
        yield
        return

    @wraps(original)
    def transport_for_url(self: Any, url: Any) -> Any:
        inner = original(self, url)
        handler = handler_in_force()
        if handler is None:
            return inner
        return _Watched(inner, partial(original, self), handler, library)

    transport_for_url.watched_by_opswald = True  # type: ignore[attr-defined]
    setattr(client, SEAM, transport_for_url)
    try:
        yield
    finally:
        if getattr(client, SEAM) is transport_for_url:  # else somebody built on top of it
            setattr(client, SEAM, original)


class _Watched:
    """A transport that asks the handler first, and tells it afterwards."""

    def __init__(
        self, inner: Any, transport_for: Callable[[Any], Any], handler: Handler, library: _Library
    ) -> None:
        self._inner = inner
        self._transport_for = transport_for
        self._handler = handler
        self._library = library

    def handle_request(self, raw: Any) -> Any:
        url = str(raw.url)
        if not self._wanted(raw, url):
            return self._inner.handle_request(raw)
        asked = _request(raw, url, raw.read())
        answer = decide(self._handler, asked)
        if isinstance(answer, Detour):
            return self._library.served(self._sent_around(answer, raw), raw)
        if not isinstance(answer, Request):
            turn = Turn(self._handler, answer)
            if not _is_streamed(answer):
                turn.wait()
            return self._library.served(answer, raw, turn)
        call = LiveCall(self._handler, answer, self._library.decoded)
        with watched(), _reporting(call):
            outgoing = raw if answer is asked else self._library.rebuilt(answer, raw)
            response = self._way_to(answer, asked).handle_request(outgoing)
        return self._library.teed(response, call)

    async def handle_async_request(self, raw: Any) -> Any:
        url = str(raw.url)
        if not self._wanted(raw, url):
            return await self._inner.handle_async_request(raw)
        asked = _request(raw, url, await raw.aread())
        answer = decide(self._handler, asked)
        if isinstance(answer, Detour):
            return self._library.served(await self._sent_around_async(answer, raw), raw)
        if not isinstance(answer, Request):
            turn = Turn(self._handler, answer)
            if not _is_streamed(answer):
                await turn.awaited()
            if isinstance(answer, Failure) and answer.kind == ABANDONED:
                await pause(PATIENCE_SECONDS)
            return self._library.served(answer, raw, turn)
        call = LiveCall(self._handler, answer, self._library.decoded)
        with watched(), _reporting(call):
            outgoing = raw if answer is asked else self._library.rebuilt(answer, raw)
            response = await self._way_to(answer, asked).handle_async_request(outgoing)
        return self._library.teed(response, call)

    def _sent_around(self, detour: Detour, raw: Any) -> Response:
        call = LiveCall(self._handler, detour.request, self._library.decoded)
        with watched(), _reporting(call):
            outgoing = self._library.rebuilt(detour.outgoing, raw)
            response = self._transport_for(outgoing.url).handle_request(outgoing)
            call.arrived(response.status_code, _headers(response.headers))
            try:
                return call.came_back(response.read(), detour)
            finally:
                response.close()

    async def _sent_around_async(self, detour: Detour, raw: Any) -> Response:
        call = LiveCall(self._handler, detour.request, self._library.decoded)
        with watched(), _reporting(call):
            outgoing = self._library.rebuilt(detour.outgoing, raw)
            response = await self._transport_for(outgoing.url).handle_async_request(outgoing)
            call.arrived(response.status_code, _headers(response.headers))
            try:
                return call.came_back(await response.aread(), detour)
            finally:
                await response.aclose()

    def _way_to(self, request: Request, asked: Request) -> Any:
        """The transport for a request, which may have another host than the one asked for."""
        if urlsplit(request.url).netloc == urlsplit(asked.url).netloc:
            return self._inner
        return self._transport_for(self._library.url(request.url))

    def _wanted(self, raw: Any, url: str) -> bool:
        kind: Any = type(self._inner)
        in_process = _is_in_process(kind)
        return self._handler.wants(raw.method, url, raw.headers, in_process=in_process)


@contextmanager
def _reporting(call: LiveCall) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        call.broke(error)
        raise


@lru_cache
def _is_in_process(transport: type) -> bool:
    return any(kind.__name__ in _IN_PROCESS for kind in transport.__mro__)


def _request(raw: Any, url: str, body: bytes) -> Request:
    return Request(raw.method, url, _headers(raw.headers), body, parent=current_tool.get())


def _headers(told: Any) -> Headers:
    """What `multi_items` says, which asks for the encoding twice for each of them."""
    encoding = told.encoding
    pairs = [(k.lower().decode(encoding), v.decode(encoding)) for k, v in told.raw]
    return tuple(pairs)


class _Library:
    """Builds what one of the two libraries wants from our plain data, and the other way round."""

    def __init__(self, module: Any) -> None:
        self._module = module
        streams = (module.SyncByteStream, module.AsyncByteStream)
        self._teed_body: Any = type("TeedBody", (TeedBody, *streams), {})
        self._served_body: Any = type("ServedBody", (ServedBody, *streams), {})

    def teed(self, response: Any, call: LiveCall) -> Any:
        """The live response, its body watched."""
        call.arrived(response.status_code, _headers(response.headers))
        if hasattr(response, "_content"):
            # Mock and logging transports have read the body: its stream is never iterated again.
            call.ended_read(response.content)
        else:
            response.stream = self._teed_body(response.stream, call)
        return response

    def served(self, answer: Response | Failure, raw: Any, turn: Turn | None = None) -> Any:
        """A response from memory, its end at its turn; raises what a failure recorded."""
        if isinstance(answer, Failure):
            self._raise(answer, raw)
        last = turn if _is_streamed(answer) else None
        body = self._served_body(answer.chunks, self._cut(answer, raw), last)
        headers = _bytes(answer.headers, without=_OF_THE_OLD_BODY)
        return self._module.Response(answer.status, headers=headers, stream=body, request=raw)

    def url(self, url: str) -> Any:
        return self._module.URL(url)

    def rebuilt(self, request: Request, raw: Any) -> Any:
        """A new request; the old one stays as the user built it."""
        return self._module.Request(
            request.method,
            request.url,
            headers=_bytes(request.headers, without=_OF_THE_OLD_BODY),
            content=request.body,
            extensions=raw.extensions,
        )

    def decoded(self, status: int, headers: Headers, chunks: list[bytes]) -> tuple[bytes, ...]:
        """Chunks as the library itself decodes them; what was cut off ends early."""
        if not any(name.lower() == "content-encoding" for name, _ in headers):
            return tuple(chunks)
        body = self._served_body(tuple(chunks), _whole)
        response = self._module.Response(status, headers=_bytes(headers), stream=body)
        pieces = []
        try:
            for piece in response.iter_bytes():
                pieces.append(piece)  # noqa: PERF402 - those before an error are kept
        except self._module.DecodingError:
            pass
        return tuple(pieces)

    def _cut(self, answer: Response, raw: Any) -> Callable[[], None]:
        if answer.ended != "error":
            return _whole
        unknown = Failure("RemoteProtocolError", "the recorded body broke off here")
        return lambda: self._raise(answer.failure or unknown, raw)

    def _raise(self, failure: Failure, raw: Any) -> NoReturn:
        if failure.kind == ABANDONED:
            raise self._module.ReadTimeout("abandoned when it was recorded", request=raw)
        kind = getattr(self._module, failure.kind, None)
        if isinstance(kind, type) and issubclass(kind, self._module.RequestError):
            raise kind(failure.message, request=raw)
        raise self._module.TransportError(f"{failure.kind}: {failure.message}", request=raw)


@cache  # classes are dear to make, and new ones are slow until they are warm
def _library(module: ModuleType) -> _Library:
    return _Library(module)


def _is_streamed(answer: Response | Failure) -> bool:
    """Whether the end of the body, not its beginning, is what others came before or after."""
    return isinstance(answer, Response) and len(answer.chunks) > 1 and answer.ended != "aborted"


def _whole() -> None:
    """Nothing: the body ends as it should."""


def _bytes(headers: Headers, without: set[str] | None = None) -> list[tuple[bytes, bytes]]:
    # As bytes, because the libraries refuse text that is not ASCII.
    kept = (pair for pair in headers if pair[0].lower() not in (without or ()))
    return [(name.encode(), value.encode()) for name, value in kept]
