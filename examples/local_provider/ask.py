"""A request as a scripted model sees it, the same for every wire format."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Turn:
    """One thing that was said: role is system, user, assistant or tool."""

    role: str
    text: str


@dataclass(frozen=True)
class Ask:
    """One request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: dict[str, Any]
    turns: tuple[Turn, ...] = field(default=())
    """The conversation, read from the body."""

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def streams(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def system(self) -> str:
        return "\n".join(turn.text for turn in self.turns if turn.role == "system")

    @property
    def prompt(self) -> str:
        """What the user said last."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")

    @property
    def results(self) -> tuple[str, ...]:
        """What tools returned since the user spoke last."""
        spoken = [i for i, turn in enumerate(self.turns) if turn.role == "user"]
        since = self.turns[spoken[-1] :] if spoken else self.turns
        return tuple(turn.text for turn in since if turn.role == "tool")

    def id(self, prefix: str, index: int = 0) -> str:
        """An id as providers make them, but the same whenever the same is asked, streamed or not."""
        asked = {key: value for key, value in self.body.items() if not key.startswith("stream")}
        said = json.dumps([self.path, asked, prefix, index], sort_keys=True)
        return prefix + hashlib.sha256(said.encode()).hexdigest()[:24]

    @property
    def tokens(self) -> int:
        """A plausible size of the conversation, in tokens."""
        return 8 + sum(len(turn.text) for turn in self.turns) // 4


def text_of(content: Any) -> str:
    """The text in a message's content: a string, or a list of the provider's blocks."""
    match content:
        case str():
            return content
        case list():
            return "".join(text_of(block) for block in content)
        case {"text": str(text)}:
            return text
    return ""
