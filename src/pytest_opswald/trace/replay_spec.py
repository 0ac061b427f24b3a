"""What a replay changes: one document for flags, markers, ini values and REST bodies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from .document import Document
from .effects import Effect

MissPolicy = Literal["fail", "structural", "nearest", "live", "stub"]
"""What a tool call gets that was not recorded: an error; the result of a call that differs in free
text only; that of the call most like it; the tool itself; a mere acknowledgement."""
Profile = Literal["exact", "contract"]
"""exact: any difference is red. contract: outcome and budgets gate, steps are shown."""


class Changes(Document):
    """What is changed in every LLM request that goes live; only what was asked is touched."""

    model: str | None = None
    """New model for every call; `anthropic:claude-sonnet-5` asks another provider."""
    model_map: Mapping[str, str] = Field(default_factory=dict)
    """New model by old model; wins over `model`."""
    temperature: float | Literal["none"] | None = None
    """none: left out, for models that take none."""
    max_tokens: int | None = None
    top_p: float | None = None
    seed: int | None = None
    system_prompt: str | None = None
    """Replaces the system prompt; added when the request has none."""

    def __bool__(self) -> bool:
        return any(value not in (None, {}) for value in self.model_dump().values())

    def model_for(self, old: str | None) -> str | None:
        """The model to ask instead of `old`; None to leave it."""
        return self.model_map.get(old or "", self.model)

    def describe(self) -> str:
        """`model=gpt-5.2-mini, temperature=0` for headlines."""
        said: dict[str, Any] = {k: v for k, v in self.model_dump().items() if v not in (None, {})}
        said |= {f"model {old}": new for old, new in said.pop("model_map", {}).items()}
        return ", ".join(f"{key}={value}" for key, value in said.items())


class ReplaySpec(Document):
    """How one golden is replayed."""

    changes: Changes = Changes()
    fork_from_step: int | None = None
    """Steps before it come from the golden, it and later LLM calls go live. From 1."""
    allow_unused: bool = False
    """Recorded steps that the run no longer asks for do not fail it."""
    judge: Literal["exact", "contract", "auto"] = "auto"
    """Profile that was asked for."""
    on_miss: Mapping[str, MissPolicy] = Field(default_factory=dict)
    """What to do for a tool call that was not recorded, by tool; `*` stands for all others."""
    effects: Mapping[str, Effect] = Field(default_factory=dict)
    """What tools do, by name; wins over what the golden and the code say, not over MCP servers."""

    @cached_property
    def modified(self) -> bool:
        """Whether any LLM call may go live."""
        return bool(self.changes) or self.fork_from_step is not None

    @property
    def profile(self) -> Profile:
        """How strictly the run is judged."""
        if self.judge != "auto":
            return self.judge
        return "contract" if self.modified else "exact"

    @property
    def may_run_tools(self) -> bool:
        """Whether a tool call that was not recorded may be made for real."""
        return self.modified and "live" in self.on_miss.values()

    def policy(self, tool: str, effect: Effect) -> MissPolicy:
        """What happens to a call of this tool that was not recorded, in a live replay."""
        default: MissPolicy = "structural" if effect == "read" else "fail"
        return self.on_miss.get(tool, self.on_miss.get("*", default))

    def asks_policy(self, tool: str) -> bool:
        """Whether the policy for this tool is one that somebody asked for."""
        return tool in self.on_miss or "*" in self.on_miss
