"""Live calls that an adapter watches: each tells the handler how it ended, exactly once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pytest_opswald.errors import OpswaldError
from pytest_opswald.exchange import Ended, Failure, Headers, Request, Response

from .handler import Detour, Handler, active

Decode = Callable[[int, Headers, list[bytes]], tuple[bytes, ...]]
"""Removes the content-encoding: status, headers and raw chunks in, decoded chunks out."""

ABANDONED = "Abandoned"
"""`Failure.kind` of a call whose caller gave up before status and headers came."""

_open: set[LiveCall] = set()
_lock = threading.Lock()
_watched: ContextVar[bool] = ContextVar("opswald_watched", default=False)


def handler_in_force() -> Handler | None:
    """Who to ask about a call that begins here; None below a call that is watched already."""
    return None if _watched.get() else active()


@contextmanager
def watched() -> Iterator[None]:
    """Clients that the inner call is stacked on keep quiet: one call is recorded once."""
    token = _watched.set(True)
    try:
        yield
    finally:
        _watched.reset(token)


def decide(handler: Handler, request: Request) -> Request | Detour | Response | Failure:
    """What the handler answers. Its own defects are errors too: a call never goes out unasked."""
    try:
        return handler.on_request(request)
    except OpswaldError:
        raise
    except Exception as error:
        raise OpswaldError(f"{request.method} {request.path} was not sent: {error!r}") from error


def close_open_calls() -> tuple[Request, ...]:
    """End every call that is still open; what they do later is nobody's concern.

    Bodies that nobody read to the end or closed are reported as aborted. Returns the requests
    whose answer had not even begun: those were leaked by the code that sent them.
    """
    with _lock:
        calls = sorted(_open, key=lambda call: call.started_ns)
    return tuple(call.request for call in calls if call.abandon())


class LiveCall:
    """One call on the wire: gathers its body and reports it when it ends."""

    def __init__(self, handler: Handler, request: Request, decode: Decode) -> None:
        self.request = request
        self.started_ns = time.monotonic_ns()
        self._handler = handler
        self._decode = decode
        self._status: int | None = None
        self._headers: Headers = ()
        self._arrived_ns = 0
        self._chunks: list[bytes] = []
        self._heard_ns = 0
        """When the last piece was delivered: some readers never close what they have read."""
        with _lock:
            _open.add(self)

    def arrived(self, status: int, headers: Headers) -> None:
        """Status and headers came in."""
        self._arrived_ns = time.monotonic_ns()
        self._status, self._headers = status, headers

    def add(self, chunk: bytes) -> None:
        """A piece of the body, as it was delivered."""
        self._chunks.append(chunk)
        self._heard_ns = time.monotonic_ns()

    def ended(self, how: Ended) -> None:
        """The body is over; only the first word counts."""
        if self._taken():
            self._tell(self._response(self._decoded(), how))

    def ended_read(self, body: bytes) -> None:
        """The body was read, and decoded, before we saw the response."""
        if self._taken():
            self._tell(self._response((body,), "complete"))

    def came_back(self, body: bytes, detour: Detour) -> Response:
        """The answer to another request was read whole: reports what becomes of it."""
        answer = detour.back(self._response((body,), "complete"))
        if self._taken():
            self._tell(answer)
        return answer

    def broke(self, error: BaseException) -> None:
        """The inner call raised, before the headers or within the body."""
        failure = _failure(error)
        if not self._taken():
            return
        if self._status is None:
            self._tell(failure)
        elif failure.kind == ABANDONED:
            self._tell(self._response(self._decoded(), "aborted"))
        else:
            self._tell(self._response(self._decoded(), "error", failure))

    def abandon(self) -> bool:
        """End it from outside; whether its answer had not begun."""
        if self._status is None:
            return self._taken()
        self.ended("aborted")
        return False

    def _taken(self) -> bool:
        """Whether this is the first to end the call."""
        with _lock:
            first = self in _open
            _open.discard(self)
        return first

    def _decoded(self) -> tuple[bytes, ...]:
        return self._decode(self._status or 0, self._headers, self._chunks)

    def _response(
        self, chunks: tuple[bytes, ...], how: Ended, failure: Failure | None = None
    ) -> Response:
        return Response(
            status=self._status or 0,
            headers=self._headers,
            chunks=chunks,
            ended=how,
            failure=failure,
            arrived_ns=self._arrived_ns,
            ended_ns=(how != "error" and self._heard_ns) or time.monotonic_ns(),
        )

    def _tell(self, answer: Response | Failure) -> None:
        try:
            self._handler.on_response(self.request, answer)
        except OpswaldError:
            raise
        except Exception as error:  # the caller has its answer: our defect must not cost it
            self._handler.warn(f"{self.request.path}: the answer was not kept: {error!r}")


def _failure(error: BaseException) -> Failure:
    now = time.monotonic_ns()
    # Cancellation (asyncio, trio), GeneratorExit and Ctrl-C are the caller's will, no failure.
    kind = type(error).__name__ if isinstance(error, Exception) else ABANDONED
    return Failure(kind=kind, message=str(error), arrived_ns=now, ended_ns=now)
