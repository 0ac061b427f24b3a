"""A triage agent: one call, a structured answer."""

from __future__ import annotations

from typing import Literal

from openai import OpenAI
from pydantic import BaseModel

INSTRUCTIONS = "Sort support tickets. Urgent means that the customer cannot work."


class Triage(BaseModel):
    """Where a ticket goes."""

    team: Literal["billing", "engineering"]
    urgent: bool


def triage(ticket: str, *, model: str = "gpt-5.2") -> Triage | None:
    completion = OpenAI().chat.completions.parse(
        model=model,
        messages=[
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": ticket},
        ],
        response_format=Triage,
    )
    return completion.choices[0].message.parsed
