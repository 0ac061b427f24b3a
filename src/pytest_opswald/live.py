"""LLM calls made for real, without the agent that made them first."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.exchange import Failure, Headers, Request, Response, is_loopback
from pytest_opswald.wire.registry import format_for

TRIES = 4
"""How often a call is made that is answered by 429 or a server error."""
MOST_SECONDS = 20.0
"""Longest wait between two tries, whatever the provider asks for."""
_SILENCE, _CONNECTING = 600.0, 15.0
"""Seconds."""


class Sender:
    """Sends requests with the keys of the environment."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def __enter__(self) -> Self:
        import httpx

        self._client = httpx.Client()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, request: Request, *, seconds: float = math.inf) -> Response | Failure:
        """The last answer after a few tries; a Failure when there was none, or time is over."""
        request = self._addressed(request)
        until = time.monotonic() + seconds
        for attempt in range(1, TRIES + 1):
            answer = self._sent(request, max(until - time.monotonic(), 0.001))
            pause = _pause_seconds(answer, attempt)
            over = attempt == TRIES or time.monotonic() + pause >= until
            if over or not _is_worth_another_try(answer):
                return answer
            time.sleep(pause)
        raise AssertionError

    def _sent(self, request: Request, seconds: float) -> Response | Failure:
        import httpx

        started = time.monotonic_ns()
        try:
            answer = self._client.request(
                request.method,
                request.url,
                headers=list(request.headers),
                content=request.body,
                timeout=httpx.Timeout(min(seconds, _SILENCE), connect=min(seconds, _CONNECTING)),
            )
        except httpx.RequestError as error:
            return Failure(type(error).__name__, str(error), started, time.monotonic_ns())
        arrived = time.monotonic_ns()
        headers = tuple(answer.headers.multi_items())
        return Response(
            answer.status_code, headers, (answer.content,), arrived_ns=arrived, ended_ns=arrived
        )

    def _addressed(self, request: Request) -> Request:
        """With the key of its provider; a recorded loopback goes to the base URL that is set."""
        if request.header("authorization") or request.header("x-api-key"):
            return request
        wire = format_for(request.method, request.path)
        base, headers = (_anthropic if wire and wire.name == "anthropic" else _openai)(
            self._variables
        )
        return replace(
            request, url=_rebased(request.url, base), headers=(*request.headers, *headers)
        )


def _openai(variables: Mapping[str, str]) -> tuple[str | None, Headers]:
    return variables.get("OPENAI_BASE_URL"), (
        ("authorization", f"Bearer {_key(variables, 'OPENAI_API_KEY')}"),
    )


def _anthropic(variables: Mapping[str, str]) -> tuple[str | None, Headers]:
    return variables.get("ANTHROPIC_BASE_URL"), (
        ("x-api-key", _key(variables, "ANTHROPIC_API_KEY")),
        ("anthropic-version", "2023-06-01"),
    )


def _key(variables: Mapping[str, str], name: str) -> str:
    if key := variables.get(name):
        return key
    raise InvalidSetting(f"{name} is not set: LLM calls of this golden cannot be made for real")


def _rebased(url: str, base: str | None) -> str:
    """A recorded loopback address, which has lost its port, at the base URL that is set now."""
    parts = urlsplit(url)
    if base is None or not is_loopback(parts.hostname or ""):
        return url
    there = urlsplit(base)
    return urlunsplit((there.scheme, there.netloc, parts.path, parts.query, ""))


def _is_worth_another_try(answer: Response | Failure) -> bool:
    return isinstance(answer, Failure) or answer.status in {408, 409, 429} or answer.status >= 500


def _pause_seconds(answer: Response | Failure, attempt: int) -> float:
    told = answer.header("retry-after") if isinstance(answer, Response) else None
    try:
        return min(float(told), MOST_SECONDS) if told else min(0.5 * 2**attempt, MOST_SECONDS)
    except ValueError:
        return MOST_SECONDS
