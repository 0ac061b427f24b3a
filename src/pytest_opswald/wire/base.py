"""What a wire format is: pure functions between a provider's JSON and our documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any, Protocol, TypeVar

from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.trace.steps import (
    HttpRecord,
    LlmInput,
    LlmOutput,
    StepError,
    Tokens,
    ToolRequest,
)

Json = Any
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading:
    """An exchange, read."""

    input: LlmInput
    output: LlmOutput
    tokens: Tokens | None
    error: StepError | None
    """Set when the provider answered with an error."""
    complete: bool
    """False when a stream ended before its terminal event."""


@dataclass(frozen=True, slots=True)
class ToolEcho:
    """A tool result as a request carries it back to the LLM."""

    call_id: str | None
    content: Json
    """Text or the provider's blocks."""
    is_error: bool = False
    name: str | None = None


class CannotSend(ValueError):
    """Why a changed request cannot be sent, as one sentence."""


class Memory:
    """What was read of messages before: conversations hold the same ones again and again.

    Known by identity: in a golden they are the same objects. None of them may change meanwhile.
    """

    def __init__(self) -> None:
        self._read: dict[int, tuple[Json, Any]] = {}
        """With the originals, so that no id is given out twice."""
        self._latest: tuple[Sequence[Json], list[Any]] = ((), [])

    def readings(self, read: Callable[[Json], T], messages: Sequence[Json]) -> list[T]:
        """Each message, read once."""
        before, found = self._latest
        if not (len(before) <= len(messages) and all(map(is_, before, messages))):
            before, found = (), []
        found = [*found, *(self._once(read, message) for message in messages[len(before) :])]
        self._latest = messages, found
        return found

    def _once(self, read: Callable[[Json], Any], message: Json) -> Any:
        known = self._read.get(id(message))
        if known is None:
            known = self._read[id(message)] = (message, read(message))
        return known[1]


class WireFormat(Protocol):
    """One provider API. Adding a provider is one file with one of these, and a line in registry."""

    name: str
    conversation: str
    """Key of the request body that holds the growing list: `messages` or `input`."""
    padding: str | None
    """Key of a streamed event that holds nothing but noise, against those who measure traffic."""

    def matches(self, method: str, path: str) -> bool:
        """Whether requests to this path speak the format."""

    def read(self, http: HttpRecord, memory: Memory | None = None) -> Reading:
        """Input, output, tokens and error of an exchange. Raises ValueError on a foreign shape.

        With one memory for many exchanges, a message they share is read once.
        """

    def rewrite(self, body: Mapping[str, Json], changes: Changes) -> dict[str, Json]:
        """A new request body with the changes, and nothing else, applied; a foreign one as it is."""

    def redirect(self, url: str, changes: Changes) -> str:
        """The URL to send a rewritten body to: another one where the path names the model."""

    def reply(self, http: HttpRecord) -> Sequence[Json]:
        """The answer as the items a client would append to `conversation`; () when unusable."""

    def tool_echoes(self, body: Mapping[str, Json]) -> Sequence[ToolEcho]:
        """Tool results that the request carries, in order."""

    def tool_requests(self, body: Mapping[str, Json]) -> Sequence[ToolRequest]:
        """Tool calls that the conversation holds, in order."""

    def with_tool_results(
        self, body: Mapping[str, Json], results: Mapping[str, Json]
    ) -> dict[str, Json]:
        """The body with these contents in place of the results of calls, by their ids."""
