"""What the final message must be."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from .behaviour import Names
from .output_rule import Schema
from .rules import LONG, SHORT, Rule, Texts, form


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
            Annotated[Literal["auto"], Tag(SHORT)] | Annotated[Names, Tag(LONG)],
            Discriminator(form),
        ]
        | None
    ) = None
    """Numbers, dates, codes, names that it must state, in whatever form; `auto`: the golden's."""
    min_facts: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of the facts that is enough; all of a list, a third of `auto`."""
    similar: Similar | None = None
    json_schema: Schema | None = None
    """The message must be JSON, in a fence perhaps, that this JSON Schema describes."""
