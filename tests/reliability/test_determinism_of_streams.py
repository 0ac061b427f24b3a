"""Streams that were left, cancelled or cut off replay as they were seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_opswald import runs
from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.patching import captured
from pytest_opswald.judging import judged
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import ReplaySpec

URL = "https://api.openai.com/v1/chat/completions"
ASKED = {"model": "gpt-5.2", "stream": True, "messages": [{"role": "user", "content": "hi"}]}

# httpx splits lines at the separators of Unicode, which SDKs do not.
TEXT = st.text(
    st.characters(exclude_characters="\x85\u2028\u2029", exclude_categories=["Cs"]), max_size=6
)

Seen = tuple[list[str], str | None]
"""Lines of data, and what the reader met instead of the end."""


def events(texts: Sequence[str]) -> bytes:
    chunks = [{"choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    said = [json.dumps(chunk, separators=(",", ":"), ensure_ascii=False) for chunk in chunks]
    return "".join(f"data: {data}\n\n" for data in (*said, "[DONE]")).encode()


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in pieces that may break off."""

    def __init__(self, pieces: Sequence[bytes], *, breaks: bool) -> None:
        self.pieces = pieces
        self.breaks = breaks

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces
        self._end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            await asyncio.sleep(0)
            yield piece
        self._end()

    def _end(self) -> None:
        if self.breaks:
            raise httpx.ReadError("connection reset")


class Provider(httpx.AsyncBaseTransport, httpx.BaseTransport):
    def __init__(self, body: Body) -> None:
        self.body = body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=headers, stream=self.body, request=request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


def read(provider: Provider, leave_after: int | None) -> Seen:
    """A reader that may leave after so many lines."""
    lines: list[str] = []
    try:
        client = httpx.Client(transport=provider)
        with client, client.stream("POST", URL, json=ASKED) as response:
            for line in filter(None, response.iter_lines()):
                lines.append(line)
                if len(lines) == leave_after:
                    return lines, "left"
    except httpx.HTTPError as error:
        return lines, f"{type(error).__name__}: {error}"
    return lines, None


def read_in_a_task(provider: Provider, leave_after: int | None) -> Seen:
    """A reader that may be cancelled after so many lines."""
    lines: list[str] = []
    enough = asyncio.Event()

    async def reading() -> None:
        client = httpx.AsyncClient(transport=provider)
        async with client, client.stream("POST", URL, json=ASKED) as response:
            async for line in response.aiter_lines():
                if line:
                    lines.append(line)
                if len(lines) == leave_after:
                    enough.set()
                    await asyncio.sleep(60)

    async def cancelled() -> str | None:
        task = asyncio.create_task(reading())
        waiting = asyncio.create_task(enough.wait())
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        for each in (task, waiting):
            each.cancel()
        [ended, _] = await asyncio.gather(task, waiting, return_exceptions=True)
        return None if ended is None else f"{type(ended).__name__}: {ended}"

    return lines, asyncio.run(cancelled())


@pytest.fixture(autouse=True, scope="module")
def watched() -> Iterator[None]:
    with captured():
        yield


@pytest.mark.parametrize("reader", [read, read_in_a_task], ids=["left", "cancelled"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_stream_replays_as_it_was_seen(
    reader: Callable[[Provider, int | None], Seen], data: Any
) -> None:
    """Cut in any pieces, broken off anywhere, left at any line: the reader sees the same again."""
    whole = events(data.draw(st.lists(TEXT, max_size=6)))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    breaks = data.draw(st.booleans())
    kept = pieces[: data.draw(st.integers(0, len(pieces)))] if breaks else pieces
    leave_after = data.draw(st.none() | st.integers(1, 8))
    provider = Provider(Body(kept, breaks=breaks))
    engine = runs.recorder()
    with activated(engine):
        seen = reader(provider, leave_after)
    golden = Golden(name="s", test="t", trace=engine.finish().trace)

    replayer = runs.replayer(golden, ReplaySpec())
    with activated(replayer):
        again = reader(Provider(Body([], breaks=True)), leave_after)

    assert again == seen
    assert not judged(replayer.finish()).failed
