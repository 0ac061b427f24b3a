"""Answers: documents written by pydantic once, not checked by FastAPI a second time."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Response
from fastapi.responses import StreamingResponse

from pytest_opswald.api.base import Answer

_JSON = "application/json"
_CHUNK = 2**18
"""Bytes; each chunk of a stream costs a change of threads."""


def answer(document: Answer, status: int = 200) -> Response:
    return Response(document.model_dump_json(), status, media_type=_JSON)


def streamed(parts: Iterator[bytes], status: int = 200) -> Response:
    """JSON that may be too long to hold: sent while the rest is still being written."""
    chunks = _chunks(parts)
    first, second = next(chunks, b""), next(chunks, None)
    if second is None:
        return Response(first, status, media_type=_JSON)
    return StreamingResponse(_behind([first, second], chunks), status, media_type=_JSON)


def _chunks(parts: Iterator[bytes]) -> Iterator[bytes]:
    some = bytearray()
    for part in parts:
        some += part
        if len(some) >= _CHUNK:
            yield bytes(some)
            some.clear()
    if some:
        yield bytes(some)


def _behind(first: list[bytes], chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield from first
    yield from chunks
