"""What must hold when a golden is replayed: the part of a golden that people write by hand.

    {
     "status": "completed",
     "final_message": {"contains": ["HAT136", "refunded"], "not_contains": "sorry"},
     "output": {"order": 42, "total": 19.9},
     "steps": {"mode": "exact", "ignore": ["input.arguments.query"]},
     "tools": {"required": ["lookup_order"], "forbidden": ["delete_*"]},
     "effects": "golden",
     "invariants": [{"forall": {"effect": "write"}, "requires_before": {"tool": "confirm"}}],
     "budgets": {"llm_calls": 3, "tokens": {"rel": 1.25}}
    }

Every value keeps the form it was written in: a bare text stays a bare text, what was left out
stays out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)

from .behaviour import (
    Arguments,
    EffectsRule,
    GuardrailsRule,
    Invariant,
    Names,
    Order,
    Pattern,
    ToolRule,
    ToolsRule,
)
from .message_rule import Judge, MessageRule, NumberFact, Similar
from .output_rule import Output, is_output_rule
from .problems import InvalidOutcome, did_you_mean, problems_of
from .rules import LONG, SHORT, Number, Rule, Text, Texts, form
from .steps import StepType

StepsMode = Literal["exact", "in_order", "any_order", "only", "none"]
_MODES: Mapping[str, StepsMode] = {
    "exact": "exact",
    "in_order": "in_order",
    "any_order": "any_order",
    "only": "only",
    "none": "none",
    "strict": "exact",
    "unordered": "any_order",
    "superset": "any_order",
    "subset": "only",
    "EXACT": "exact",
    "IN_ORDER": "in_order",
    "ANY_ORDER": "any_order",
}
"""Modes by every name that users bring from other tools."""


def _mode(name: str) -> str:
    if name not in _MODES:
        meant = did_you_mean(name, _MODES) or "; one of exact, in_order, any_order, only, none"
        raise ValueError(f"unknown mode {name!r}{meant}")
    return name


Mode = Annotated[str, AfterValidator(_mode)]


class StepsRule(Rule):
    """How the steps of a run must agree with those of the golden.

    - `exact`: the same steps in the same order. Calls of one parallel turn have no order.
    - `in_order`: the golden's tool calls appear in their order; others may come in between.
    - `any_order`: the golden's tool calls appear; others may be there too.
    - `only`: no tool call that the golden does not have; some may be missing.
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
    gate: bool = True
    """False: an excess is shown and does not make the verdict red."""


BudgetForm = Annotated[
    Annotated[Number, Tag(SHORT)] | Annotated[Budget, Tag(LONG)], Discriminator(form)
]


class Budgets(Rule):
    """What a run may use; a bare number is a `max`."""

    cost_usd: BudgetForm | None = None
    tokens: BudgetForm | None = None
    """Input and output together."""
    steps: BudgetForm | None = None
    llm_calls: BudgetForm | None = None
    latency_ms: BudgetForm | None = None
    """From the first step to the end of the last."""

    def rules(self) -> Iterator[tuple[str, Budget]]:
        """Every budget that was given, by name, in its long form."""
        for name in type(self).model_fields:
            given = getattr(self, name)
            if given is not None:
                yield name, given if isinstance(given, Budget) else Budget(max=given)


class Trials(Rule):
    """A rule for several live runs of a changed replay: `need` of `n` must pass."""

    n: Annotated[int, Field(ge=1, le=1000)]
    need: Annotated[int, Field(ge=1)] | None = None
    """Four fifths when left out."""

    def model_post_init(self, context: Any) -> None:
        if (self.need or 0) > self.n:
            raise ValueError(f"{self.need} of {self.n} trials can never pass")

    @property
    def rule(self) -> str:
        """As `--opswald-trials` takes it."""
        return f"{self.need}/{self.n}" if self.need else f"{self.n}"


MessageForm = Annotated[
    Annotated[str, Tag(SHORT)] | Annotated[MessageRule, Tag(LONG)], Discriminator(form)
]
StepsForm = Annotated[
    Annotated[Mode, Tag(SHORT)] | Annotated[StepsRule, Tag(LONG)], Discriminator(form)
]


EffectsForm = Annotated[
    Annotated[Literal["golden", "none"], Tag(SHORT)] | Annotated[EffectsRule, Tag(LONG)],
    Discriminator(form),
]


class ExpectedOutcome(Rule):
    """Hand-editable expectations."""

    may_be_empty = True

    profile: Literal["exact", "contract", "auto"] | None = None
    """How strictly a run is judged; `auto`: exactly unless the replay changes something."""
    status: Texts | None = None
    """Status of the run, or several that will do: completed, error."""
    final_message: MessageForm | None = None
    """A bare text means `equals`."""
    output: Output = None
    """The structured output as JSON, or `{"match": JSON, "json_schema": SCHEMA}` with one or both;
    matchers at any leaf; compared when given, be it null."""
    steps: StepsForm | None = None
    """A bare mode, or a rule."""
    tools: ToolsRule | None = None
    effects: EffectsForm | None = None
    """State-changing calls: the golden's when left out under `contract`, `none` for not judged."""
    handoffs: Names | None = None
    """Agents that are handed over to, in this order; others may come in between."""
    guardrails: GuardrailsRule | None = None
    state: Annotated[Mapping[str, Pattern], Field(min_length=1)] | None = None
    """Last value of each key, or a matcher."""
    invariants: Annotated[tuple[Invariant, ...], Field(min_length=1)] | None = None
    budgets: Budgets | None = None
    trials: Trials | None = None
    """How many live runs judge a changed replay, unless the session or the test says so."""

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status that will do; empty when it is not judged."""
        return (self.status,) if isinstance(self.status, str) else self.status or ()

    @property
    def expects_output(self) -> bool:
        """Whether the structured output is given as a value; null is one, too."""
        rule = is_output_rule(self.output)
        return "match" in self.output if rule else "output" in self.model_fields_set

    @property
    def expected_output(self) -> Any:
        """The value that the structured output must match."""
        return self.output["match"] if is_output_rule(self.output) else self.output

    @property
    def output_schema(self) -> Any:
        """The JSON Schema of the structured output; None when there is none."""
        return self.output.get("json_schema") if is_output_rule(self.output) else None

    @property
    def steps_rule(self) -> StepsRule | None:
        """The rule in its long form; None when the profile decides."""
        return StepsRule(mode=self.steps) if isinstance(self.steps, str) else self.steps


_MODELS: Mapping[tuple[str | int, ...], type[Rule]] = {
    (): ExpectedOutcome,
    ("final_message",): MessageRule,
    ("final_message", "similar"): Similar,
    ("final_message", "judge"): Judge,
    ("final_message", "facts", "*"): NumberFact,
    ("trials",): Trials,
    ("steps",): StepsRule,
    ("budgets",): Budgets,
    ("budgets", "*"): Budget,
    ("tools",): ToolsRule,
    ("tools", "required", "*"): ToolRule,
    ("tools", "order", "*"): Order,
    ("tools", "args", "*"): Arguments,
    ("effects",): EffectsRule,
    ("guardrails",): GuardrailsRule,
    ("invariants", "*"): Invariant,
}


def parse_outcome(data: Any) -> ExpectedOutcome:
    """Read an expected outcome from JSON data. Raises InvalidOutcome naming all problems."""
    try:
        return ExpectedOutcome.model_validate(data)
    except ValidationError as error:
        problems = problems_of(error, _MODELS, tags=(SHORT, LONG))
    raise InvalidOutcome(problems)
