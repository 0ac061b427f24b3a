"""What every format shares whose answer is a JSON object, or events that fold into one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.trace.steps import (
    HttpRecord,
    LlmInput,
    LlmOutput,
    SseEvent,
    Tokens,
    ToolRequest,
)

from .base import Json, Memory, Reading, ToolEcho
from .errors import refused_by, refused_in

_FOREIGN = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a document of another shape than expected ends in."""


class JsonFormat(ABC):
    """The story of an exchange; a format fills in how its provider spells each part."""

    name: str
    conversation: str
    padding: str | None = None
    answered_by: str
    """Key that every whole answer has."""

    def read(self, http: HttpRecord, memory: Memory | None = None) -> Reading:
        try:
            return self._read(http, memory or Memory())
        except _FOREIGN as error:
            reason = str(error) if isinstance(error, ValueError) else repr(error)
            raise ValueError(f"not {self.name}: {reason}") from error

    def reply(self, http: HttpRecord) -> Sequence[Json]:
        try:
            answer, _ = self._answer(http)
            return () if refused_by(http) or refused_in(answer) else tuple(self._items(answer))
        except _FOREIGN:
            return ()

    def tool_echoes(self, body: Mapping[str, Json]) -> Sequence[ToolEcho]:
        return tuple(self._echoes(body)) if self._is_ours(body) else ()

    def tool_requests(self, body: Mapping[str, Json]) -> Sequence[ToolRequest]:
        if not self._is_ours(body):
            return ()
        said = self._asked(body, "", Memory()).messages
        return tuple(call for message in said for call in message.tool_calls)

    def with_tool_results(
        self, body: Mapping[str, Json], results: Mapping[str, Json]
    ) -> dict[str, Json]:
        told = body.get(self.conversation)
        if not isinstance(told, list):
            return dict(body)
        return {**body, self.conversation: [self._resulting(item, results) for item in told]}

    def rewrite(self, body: Mapping[str, Json], changes: Changes) -> dict[str, Json]:
        if not self._is_ours(body):
            return dict(body)
        model = changes.model_for(body.get("model"))
        asked = {
            "model": model,
            "temperature": changes.temperature,
            self._limit({**body, "model": model or body.get("model")}): changes.max_tokens,
            "top_p": changes.top_p,
            "seed": changes.seed,
        }
        changed = {**body, **{key: value for key, value in asked.items() if value is not None}}
        if changes.temperature == "none":
            del changed["temperature"]
        if changes.system_prompt is not None:
            self._instruct(changed, changes.system_prompt)
        return changed

    def redirect(self, url: str, changes: Changes) -> str:
        return url

    @abstractmethod
    def matches(self, method: str, path: str) -> bool: ...

    @abstractmethod
    def _asked(self, body: Mapping[str, Json], url: str, memory: Memory) -> LlmInput:
        """What the request asks."""

    @abstractmethod
    def _fold(self, events: Sequence[SseEvent]) -> tuple[dict[str, Json], bool]:
        """The object a stream amounts to, and whether it came to its end."""

    @abstractmethod
    def _said(self, answer: Mapping[str, Json]) -> LlmOutput:
        """What the answer says."""

    @abstractmethod
    def _spent(self, usage: Mapping[str, Json]) -> Tokens:
        """Token counts."""

    @abstractmethod
    def _echoes(self, body: Mapping[str, Json]) -> Iterable[ToolEcho]:
        """Tool results that the request carries."""

    @abstractmethod
    def _resulting(self, item: Json, results: Mapping[str, Json]) -> Json:
        """An item of the conversation; with another content where it is one of these results."""

    @abstractmethod
    def _items(self, answer: Mapping[str, Json]) -> Sequence[Json]:
        """The answer as a client appends it to the conversation."""

    @abstractmethod
    def _limit(self, body: Mapping[str, Json]) -> str:
        """Key of the output token limit."""

    @abstractmethod
    def _instruct(self, body: dict[str, Json], prompt: str) -> None:
        """Replace the system prompt of a fresh body, without touching what it shares."""

    def _is_ours(self, body: Mapping[str, Json]) -> bool:
        try:
            self._asked(body, "", Memory())
        except _FOREIGN:
            return False
        return True

    def _read(self, http: HttpRecord, memory: Memory) -> Reading:
        if not isinstance(http.request, dict):
            raise ValueError("the request is no JSON object")
        asked = self._asked(http.request, http.url, memory)
        if error := refused_by(http):
            return Reading(asked, LlmOutput(), None, error, complete=http.failure is None)
        answer, complete = self._answer(http)
        error = refused_in(answer)
        if complete and not error and self.answered_by not in answer:
            raise ValueError(f"the answer has no {self.answered_by!r}")
        usage = answer.get("usage")
        tokens = self._spent(usage) if usage else None
        return Reading(asked, self._said(answer), tokens, error, complete)

    def _answer(self, http: HttpRecord) -> tuple[dict[str, Any], bool]:
        if http.events is not None:
            return self._fold(http.events)
        if isinstance(http.body, dict):
            return http.body, True
        if http.ended != "complete":
            return {}, False
        raise ValueError("the answer is no JSON object")
