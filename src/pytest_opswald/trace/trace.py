"""A trace: the steps of one run, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Literal

from .document import Document
from .steps import Custom, Error, LlmCall, Response, Step, Tokens, ToolCall, UserInput

TraceStatus = Literal["running", "completed", "error"]


class Trace(Document):
    """One run of an agent."""

    steps: tuple[Step, ...] = ()

    @classmethod
    def of(cls, steps: Sequence[Step]) -> Trace:
        """Number the steps from 1."""
        return cls(
            steps=tuple(
                step.model_copy(update={"step_number": number})
                for number, step in enumerate(steps, start=1)
            )
        )

    @cached_property
    def llm_calls(self) -> tuple[LlmCall, ...]:
        return tuple(step for step in self.steps if isinstance(step, LlmCall))

    @property
    def exchanges(self) -> tuple[LlmCall | Custom, ...]:
        """The steps that were answered over HTTP."""
        return tuple(
            step for step in self.steps if isinstance(step, LlmCall | Custom) and step.http
        )

    @property
    def tools(self) -> tuple[str, ...]:
        """Distinct tools in order of first use."""
        calls = (step.input.tool for step in self.steps if isinstance(step, ToolCall))
        return tuple(dict.fromkeys(calls))

    @property
    def models_used(self) -> tuple[str, ...]:
        """Distinct models in order of first use."""
        return tuple(dict.fromkeys(call.input.model for call in self.llm_calls if call.input.model))

    @property
    def total_tokens(self) -> Tokens:
        return sum((call.tokens for call in self.llm_calls if call.tokens), Tokens())

    @property
    def total_cost(self) -> float:
        """USD over the steps whose price is known."""
        return round(sum(step.cost or 0.0 for step in self.steps), 10)

    @property
    def unpriced(self) -> int:
        """LLM calls that `total_cost` is without: their price is not known."""
        return sum(call.is_unpriced for call in self.llm_calls)

    @property
    def errors(self) -> int:
        return sum(step.status == "error" for step in self.steps)

    @property
    def status(self) -> TraceStatus:
        """`error` when it ended in an error step, `completed` otherwise."""
        return "error" if self.steps and isinstance(self.steps[-1], Error) else "completed"

    @property
    def response(self) -> Response | None:
        return next((step for step in reversed(self.steps) if isinstance(step, Response)), None)

    @property
    def final_message(self) -> str | None:
        """What the agent said last: its response step, else the last LLM message."""
        if self.response:
            return self.response.message
        return next((c.output.content for c in reversed(self.llm_calls) if c.output.content), None)

    @property
    def questions(self) -> tuple[str, ...]:
        """What the user said, turn by turn."""
        return tuple(step.message for step in self.steps if isinstance(step, UserInput))

    @property
    def answers(self) -> tuple[str, ...]:
        """What the user was told, turn by turn; the final message comes last."""
        told: list[str] = []
        said: str | None = None
        for step in self.steps:
            if isinstance(step, LlmCall) and not step.parent_span_id:
                said = step.output.content
            elif isinstance(step, UserInput) and said:
                told.append(said)
                said = None
        return (*told, *filter(None, [self.final_message]))

    @property
    def structured_output(self) -> Any:
        return self.response.structured_output if self.response else None

    def step(self, number: int) -> Step:
        """The step of that number, from 1. Raises IndexError."""
        if not 1 <= number <= len(self.steps):
            raise IndexError(f"no step {number}: the trace has {len(self.steps)}")
        return self.steps[number - 1]
