"""What a run must and must not do: the rules about its steps that hold for every path it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from .effects import Effect
from .matcher_problems import problems
from .rules import LONG, SHORT, Rule, Text, form


def pattern(value: Any) -> Any:
    """A JSON value that may hold matchers. Raises ValueError."""
    for problem in problems(value):
        raise ValueError(problem)
    return value


Pattern = Annotated[Any, AfterValidator(pattern)]
Count = Annotated[int, Field(ge=0)]
Names = Annotated[tuple[Text, ...], Field(min_length=1)]


class Times(Rule):
    """How often; both ends count."""

    min: Count = 1
    max: Count | None = None


class ToolRule(Rule):
    """Calls of a tool."""

    name: Text
    """`*` stands for any text."""
    args: Mapping[str, Pattern] | None = None
    """Arguments by name, each a value or a matcher; others are free."""
    times: (
        Annotated[
            Annotated[Count, Tag(SHORT)] | Annotated[Times, Tag(LONG)],
            Discriminator(form),
        ]
        | None
    ) = None
    """A number means exactly so often; at least once when left out."""
    status: Literal["ok", "error"] | None = None

    @property
    def allowed_times(self) -> Times:
        if isinstance(self.times, int):
            return Times(min=self.times, max=self.times)
        return self.times or Times(min=1)


ToolForm = Annotated[
    Annotated[Text, Tag(SHORT)] | Annotated[ToolRule, Tag(LONG)], Discriminator(form)
]
ToolForms = Annotated[tuple[ToolForm, ...], Field(min_length=1)]


def tool_rule(given: str | ToolRule) -> ToolRule:
    """The rule in its long form."""
    return given if isinstance(given, ToolRule) else ToolRule(name=given)


class Order(Rule):
    """No call of `after` comes before the first of `before`."""

    before: Text
    after: Text


class Arguments(Rule):
    """How a tool's arguments are compared with the golden's."""

    ignore: Names
    """Arguments that are not compared."""


class ToolsRule(Rule):
    """Which tools a run calls. Names may hold `*`."""

    required: ToolForms | None = None
    forbidden: Names | None = None
    allowed: Names | None = None
    """No others than these."""
    order: Annotated[tuple[Order, ...], Field(min_length=1)] | None = None
    args: Mapping[str, Arguments] | None = None
    """By tool."""

    def ignored(self, tool: str) -> tuple[str, ...]:
        """Arguments of a tool that are not compared."""
        given = (self.args or {}).get(tool)
        return given.ignore if given else ()


class EffectsRule(Rule):
    """State-changing calls, when those of the golden are not what is wanted.

    Each entry stands for one call, unless it says how many `times`; an empty list for none at all.
    """

    exactly: tuple[ToolForm, ...] | None = None
    at_most: tuple[ToolForm, ...] | None = None


class Selector(Rule):
    """Some of the steps: all that is given must fit."""

    type: Text | None = None
    tool: Text | None = None
    effect: Effect | None = None


class Invariant(Rule):
    """What holds in every run, whatever the model."""

    forall: Selector | None = None
    """Of each step that this selects, `requires_before` must have come before it."""
    requires_before: Selector | None = None
    no_loop: Annotated[int, Field(ge=1)] | None = None
    """The same tool call with the same arguments at most so often in a row."""

    def model_post_init(self, context: Any) -> None:
        if (self.forall is None) != (self.requires_before is None):
            raise ValueError("forall and requires_before belong together")


class GuardrailsRule(Rule):
    """What guardrails must have come to."""

    must_pass: Names | None = None
    must_block: Names | None = None
    none_tripped: Literal[True] | None = None
