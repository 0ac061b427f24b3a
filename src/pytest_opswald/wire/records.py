"""Exchanges as records that a golden keeps, and records as responses to serve."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.trace.steps import Attempt, HttpRecord, SseEvent, StepError

from . import json_text
from .base import Memory, Reading
from .errors import message_of
from .registry import by_name, format_for
from .sse import SseParser, encode_event
from .urls import public_url

PLAIN = "http"
"""Format of what no wire format reads; still recorded and served."""

_KEPT_HEADERS = {
    "content-type",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "request-id",
    "x-request-id",
}
_KEPT_PREFIXES = ("x-ratelimit-", "anthropic-ratelimit-")
_WAITS = {"retry-after", "retry-after-ms", "x-should-retry"}


def to_record(
    request: Request, response: Response | Failure, attempts: Sequence[Attempt] = ()
) -> HttpRecord:
    """The exchange decoded; `format` goes by the path, and `read` tells whether it holds."""
    wire = format_for(request.method, request.path)
    record = HttpRecord(
        format=wire.name if wire else PLAIN,
        method=request.method.upper(),
        **asked_in(request),
        attempts=tuple(attempts),
        **_answered(response, wire.padding if wire else None),
    )
    if record.ended == "aborted" and _is_whole(record):
        return record.model_copy(update={"ended": "complete"})
    return record


def asked_in(request: Request) -> dict[str, Any]:
    """The fields of a record that say what is asked: `url` and `request`."""
    return {"url": public_url(request.url), "request": _asked(request.body)}


def to_attempt(answer: Response | Failure) -> Attempt:
    """A failed answer as an attempt of the call that was tried again."""
    if isinstance(answer, Failure):
        return Attempt(error=f"{answer.kind}: {answer.message}")
    told = _decoded(answer.body, _content_type(answer))
    return Attempt(status=answer.status, error=message_of(told.get("body")) or told.get("text"))


def to_response(record: HttpRecord, *, now_ns: int = 0) -> Response | Failure:
    """What to serve: one chunk an event, and nothing that makes a client wait or try again.

    It arrives and ends at `now_ns` of the monotonic clock.
    """
    if record.failure:
        return Failure(record.failure.type, record.failure.message, now_ns, now_ns)
    headers = dict(record.headers)
    if record.status in (408, 409, 429) or record.status >= 500:
        headers = {name: value for name, value in headers.items() if name not in _WAITS}
        headers["x-should-retry"] = "false"
    return Response(
        status=record.status,
        headers=tuple(headers.items()),
        chunks=_chunks(record),
        ended=record.ended,
        arrived_ns=now_ns,
        ended_ns=now_ns,
        failure=Failure(record.broke.type, record.broke.message) if record.broke else None,
    )


def read(record: HttpRecord, memory: Memory | None = None) -> Reading:
    """The exchange as its format reads it. Raises ValueError when none does, saying why."""
    if record.format == PLAIN:
        raise ValueError("no wire format speaks on this path")
    return by_name(record.format).read(record, memory)


def _is_whole(record: HttpRecord) -> bool:
    """Whether the terminal event is there: some SDKs let go of a stream once they have it."""
    try:
        return read(record).complete
    except ValueError:
        return False


def _asked(body: bytes) -> Any:
    """JSON, else text; bytes that are no text are escaped, for a request is only compared."""
    text = body.decode("utf-8", "backslashreplace")
    try:
        value = json_text.parse(text)
    except ValueError:
        return text or None
    return text if value is None or isinstance(value, str) else value


def _answered(response: Response | Failure, padding: str | None) -> dict[str, Any]:
    if isinstance(response, Failure):
        failure = StepError(type=response.kind, message=response.message)
        return {"failure": failure, "ended": "error"}
    broke = response.failure
    return {
        "broke": StepError(type=broke.kind, message=broke.message) if broke else None,
        "status": response.status,
        "headers": _kept(response),
        "ended": response.ended,
        **_decoded(response.body, _content_type(response), padding),
    }


def _kept(response: Response) -> dict[str, str]:
    kept = ((name.lower(), value) for name, value in response.headers)
    return {
        name: value
        for name, value in kept
        if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)
    }


def _decoded(body: bytes, content_type: str, padding: str | None = None) -> dict[str, Any]:
    if "text/event-stream" in content_type:
        parser = SseParser()
        events = parser.feed(body)
        values = [event.data for event in events if not isinstance(event.data, str | None)]
        kept = tuple(_without(padding, event) for event in events)
        return {"events": kept, **_laid_out(values, body), **_as_text(parser.rest)}
    if "json" in content_type or not content_type:
        try:
            value = json_text.parse(body.decode())
        except ValueError:
            return _as_text(body)
        return _as_text(body) if value is None else {"body": value, **_laid_out([value], body)}
    return _as_text(body)


def _without(padding: str | None, event: SseEvent) -> SseEvent:
    if not isinstance(event.data, dict) or padding not in event.data:
        return event
    said = {key: value for key, value in event.data.items() if key != padding}
    return event.model_copy(update={"data": said})


def _laid_out(values: Sequence[Any], body: bytes) -> dict[str, str]:
    """The layout, unless it is the usual one."""
    layout = json_text.layout_of(values, body)
    return {} if layout == json_text.COMPACT else {"layout": layout}


def _as_text(body: bytes) -> dict[str, str]:
    if not body:
        return {}
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def _content_type(response: Response) -> str:
    return (response.header("content-type") or "").lower()


def _chunks(record: HttpRecord) -> tuple[bytes, ...]:
    events: tuple[SseEvent, ...] = record.events or ()
    layout = record.layout or json_text.COMPACT
    whole = [json_text.dump(record.body, layout)] if record.body is not None else []
    text = [record.text.encode()] if record.text else []
    raw = [base64.b64decode(record.base64)] if record.base64 else []
    streamed = (encode_event(event, layout) for event in events)
    return (*streamed, *whole, *text, *raw)
