"""What is asked and answered, whatever the provider: the form between two formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pytest_opswald.trace.steps import Tokens, ToolRequest

Role = Literal["system", "user", "assistant"]
Stop = Literal["end", "tools", "length", "refusal"]


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a file, either as base64 `data` or behind a `url`."""

    kind: Literal["image", "file"]
    media_type: str | None = None
    data: str | None = None
    url: str | None = None
    name: str | None = None
    detail: str | None = None
    """How closely an image is to be looked at."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool call of an earlier answer."""

    call: ToolRequest


@dataclass(frozen=True, slots=True)
class ToolResult:
    call_id: str
    parts: tuple[Text | Media, ...]
    is_error: bool = False


Part = Text | Media | ToolUse | ToolResult


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side says before the other speaks; tool results are the user's."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    description: str | None
    schema: Mapping[str, Any]
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Which tools must be called."""

    mode: Literal["auto", "any", "none", "tool"]
    name: str | None = None
    """The one tool of mode `tool`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the answer must look like: JSON of a schema, or any JSON."""

    schema: Mapping[str, Any] | None
    name: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. `None` stands for not said."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: Choice | None = None
    parallel: bool | None = None
    """Whether several tools may be called at once."""
    shape: Shape | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    reasoning_effort: str | None = None
    """How hard to think."""
    stream: bool = False
    lost: tuple[str, ...] = field(default=())
    """What does no harm to leave out, as the user wrote it."""

    def without(self, *names: str) -> Ask:
        """The request without these fields; those that were said count as lost."""
        said = [name for name in names if getattr(self, name) is not None]
        nothing: dict[str, Any] = dict.fromkeys(said)
        return replace(self, **{**nothing, "lost": (*self.lost, *said)})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the LLM answered."""

    id: str
    """Unlike that of any other answer; letters and digits."""
    model: str
    text: str | None
    refusal: str | None
    reasoning: str | None
    calls: tuple[ToolRequest, ...]
    stop: Stop
    tokens: Tokens


def merged(turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """The turns with neighbours of one role joined and empty texts left out."""
    joined: list[Turn] = []
    for turn in turns:
        parts = tuple(part for part in turn.parts if part != Text(""))
        if joined and joined[-1].role == turn.role:
            joined[-1] = Turn(turn.role, (*joined[-1].parts, *parts))
        elif parts:
            joined.append(Turn(turn.role, parts))
    return tuple(joined)
