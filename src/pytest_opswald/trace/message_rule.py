"""What the final message must be."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from .output_rule import Schema
from .rules import LONG, SHORT, Number, Rule, Text, Texts, form


def _with_provider(model: str) -> str:
    if not all(model.partition(":")):
        raise ValueError(
            f"name the provider of {model!r}, too: openai:..., openai-responses:... or anthropic:..."
        )
    return model


def _regex(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


class Similar(Rule):
    """How much of the golden's message must be there in other words."""

    to: Literal["golden"] = "golden"
    min: Annotated[float, Field(gt=0, le=1)]
    by: Literal["token_set"] = "token_set"
    """token_set: words in common, in any order and number, as a share of the words of both."""


class Judge(Rule):
    """A rubric by which an LLM grades the message, where a replay asked LLMs for it.

    The median of the samples must be enough.
    """

    rubric: Text
    model: Annotated[str, AfterValidator(_with_provider)]
    """With its provider, as `--opswald-model` takes it: `openai:gpt-5.2-mini`."""
    samples: Annotated[int, Field(ge=1, le=25)] = 3
    """How often it is asked."""
    min: Annotated[float, Field(gt=0, le=1)] = 0.7
    gate: bool = False
    """False: a low grade is shown and does not make the verdict red."""


class NumberFact(Rule):
    """A number that a message may state a little off."""

    number: float
    tol: Number

    def __str__(self) -> str:
        return f"{self.number:g} ± {self.tol:g}"


FactForm = Annotated[
    Annotated[Text, Tag(SHORT)] | Annotated[NumberFact, Tag(LONG)], Discriminator(form)
]
Facts = Annotated[tuple[FactForm, ...], Field(min_length=1)]


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
    facts: (
        Annotated[
            Annotated[Literal["auto"], Tag(SHORT)] | Annotated[Facts, Tag(LONG)],
            Discriminator(form),
        ]
        | None
    ) = None
    """Numbers, dates, codes, names that it must state, in whatever form, and numbers within a
    tolerance; `auto`: the golden's."""
    min_facts: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of the facts that is enough; all of a list, a third of `auto`."""
    similar: Similar | None = None
    judge: Judge | None = None
    json_schema: Schema | None = None
    """The message must be JSON, in a fence perhaps, that this JSON Schema describes."""

    def model_post_init(self, context: Any) -> None:
        if self.min_facts is not None and self.facts is None:
            raise ValueError("min_facts is a share of facts: name them, or say facts: auto")
