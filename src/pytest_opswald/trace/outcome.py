"""What must hold when a golden is replayed: the part of a golden that people write by hand.

    {
     "status": "completed",
     "final_message": {"contains": ["HAT136", "refunded"], "not_contains": "sorry"},
     "output": {"order": 42, "total": 19.9},
     "steps": {"mode": "exact", "ignore": ["input.arguments.query"]},
     "budgets": {"llm_calls": 3, "tokens": {"rel": 1.25}}
    }

Every value keeps the form it was written in: a bare text stays a bare text, what was left out
stays out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationError,
    model_serializer,
    model_validator,
)

from .document import Document
from .problems import InvalidOutcome, did_you_mean, problems_of

StepsMode = Literal["exact", "in_order", "any_order", "none"]
_MODES: Mapping[str, StepsMode] = {
    "exact": "exact",
    "in_order": "in_order",
    "any_order": "any_order",
    "none": "none",
    "strict": "exact",
    "unordered": "any_order",
    "EXACT": "exact",
    "IN_ORDER": "in_order",
    "ANY_ORDER": "any_order",
}
"""Modes by every name that users bring from other tools."""
StepType = Literal[
    "user_input",
    "llm_call",
    "tool_call",
    "tool_result",
    "decision",
    "handoff",
    "guardrail_eval",
    "state_change",
    "error",
    "response",
    "custom",
]
_SHORT, _LONG = "‹short›", "‹long›"


def _form(value: Any) -> str:
    """Which of its two forms a value is written in."""
    return _LONG if isinstance(value, Mapping | list | tuple | Document) else _SHORT


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


def _mode(name: str) -> str:
    if name not in _MODES:
        meant = did_you_mean(name, _MODES) or "; one of exact, in_order, any_order, none"
        raise ValueError(f"unknown mode {name!r}{meant}")
    return name


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number, not {value!r}")
    if not 0 <= value < float("inf"):
        raise ValueError(f"must be a finite number from 0, not {value!r}")
    return value


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[
    Annotated[Text, Tag(_SHORT)] | Annotated[tuple[Text, ...], Field(min_length=1), Tag(_LONG)],
    Discriminator(_form),
]
Mode = Annotated[str, AfterValidator(_mode)]
Number = Annotated[int | float, BeforeValidator(_number)]


class Rule(Document):
    """A part of the expectations; written back as it was read."""

    @model_serializer(mode="wrap")
    def _as_written(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = serialise(self)
        return {key: value for key, value in written.items() if key in self.model_fields_set}

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not self.model_fields_set and not isinstance(self, ExpectedOutcome):
            raise ValueError(f"says nothing; give it one of {', '.join(type(self).model_fields)}")
        return self


class MessageRule(Rule):
    """What the final message must be; all that is given must hold.

    Texts are compared after Unicode normalisation (NFKC) and with white space collapsed.
    """

    equals: str | None = None
    contains: Texts | None = None
    """All of these."""
    not_contains: Texts | None = None
    """None of these."""
    icontains: Texts | None = None
    """All of these, in any case."""
    regex: Annotated[str, AfterValidator(_regex)] | None = None
    """Found anywhere in the message. Python syntax."""
    one_of: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Equal to one of these."""


class StepsRule(Rule):
    """How the steps of a run must agree with those of the golden.

    - `exact`: the same steps in the same order. Calls of one parallel turn have no order.
    - `in_order`: the golden's tool calls appear in their order; others may come in between.
    - `any_order`: the golden's tool calls appear; others may be there too.
    - `none`: steps are shown, never judged.
    """

    mode: Mode = "exact"
    include: Annotated[tuple[StepType, ...], Field(min_length=1)] | None = None
    """Types of steps that are judged; all for `exact`, `tool_call` for the others."""
    ignore: tuple[Text, ...] = ()
    """Paths that are not compared; `*` stands for any text: `input.arguments.query`, `*.seed`."""

    @property
    def meaning(self) -> StepsMode:
        """The mode by our own name."""
        return _MODES[self.mode]


class Budget(Rule):
    """A ceiling; when both are given, both hold."""

    max: Number | None = None
    rel: Number | None = None
    """Factor of what the golden used."""


BudgetForm = Annotated[
    Annotated[Number, Tag(_SHORT)] | Annotated[Budget, Tag(_LONG)], Discriminator(_form)
]


class Budgets(Rule):
    """What a run may use; a bare number is a `max`."""

    cost_usd: BudgetForm | None = None
    tokens: BudgetForm | None = None
    """Input and output together."""
    steps: BudgetForm | None = None
    llm_calls: BudgetForm | None = None

    def rules(self) -> Iterator[tuple[str, Budget]]:
        """Every budget that was given, by name, in its long form."""
        for name in type(self).model_fields:
            given = getattr(self, name)
            if given is not None:
                yield name, given if isinstance(given, Budget) else Budget(max=given)


MessageForm = Annotated[
    Annotated[str, Tag(_SHORT)] | Annotated[MessageRule, Tag(_LONG)], Discriminator(_form)
]
StepsForm = Annotated[
    Annotated[Mode, Tag(_SHORT)] | Annotated[StepsRule, Tag(_LONG)], Discriminator(_form)
]


class ExpectedOutcome(Rule):
    """Hand-editable expectations."""

    status: Texts | None = None
    """Status of the run, or several that will do: completed, error."""
    final_message: MessageForm | None = None
    """A bare text means `equals`."""
    output: Any = None
    """The structured output as JSON, or `{"match": JSON}`; compared when given, be it null."""
    steps: StepsForm | None = None
    """A bare mode, or a rule."""
    budgets: Budgets | None = None

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status that will do; empty when it is not judged."""
        return (self.status,) if isinstance(self.status, str) else self.status or ()

    @property
    def has_output(self) -> bool:
        return "output" in self.model_fields_set

    @property
    def expected_output(self) -> Any:
        """The literal that the structured output must equal."""
        match self.output:
            case {"match": literal, **rest} if not rest:
                return literal
        return self.output

    @property
    def steps_rule(self) -> StepsRule | None:
        """The rule in its long form; None when the profile decides."""
        return StepsRule(mode=self.steps) if isinstance(self.steps, str) else self.steps


_MODELS: Mapping[tuple[str | int, ...], type[Rule]] = {
    (): ExpectedOutcome,
    ("final_message",): MessageRule,
    ("steps",): StepsRule,
    ("budgets",): Budgets,
    ("budgets", "*"): Budget,
}


def parse_outcome(data: Any) -> ExpectedOutcome:
    """Read an expected outcome from JSON data. Raises InvalidOutcome naming all problems."""
    try:
        return ExpectedOutcome.model_validate(data)
    except ValidationError as error:
        problems = problems_of(error, _MODELS, tags=(_SHORT, _LONG))
    raise InvalidOutcome(problems)
