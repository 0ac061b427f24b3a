"""A golden as the data of its file: everything is said once, later mentions point to it.

Five words mark what is not meant literally; a user's object that begins with one of them is
wrapped in the last.

    {"same_as": "2.http.body.choices[0].message"}       the value at that place of step 2
    {"continues": 2, "keep": 7, "add": [...]}           the same list of step 2 (7 items of it), and more
    {"like": "2.http", place: value, ...}               that object, but for these values; an event
                                                        takes over its stream's names, see `renaming`
    {"run": 40, "of": event, "moving": {leaf: column}}  forty events in a row, see `streams`
    {"literal": {"same_as": "my own"}}                  just what it says

References go back only, and name places, never contents: an edited word moves no other line.
"""

from __future__ import annotations

from typing import Any

from pytest_opswald.trace.golden import SCHEMA, Golden, Redaction
from pytest_opswald.trace.steps import Step

from .exchanges import Exchanges
from .plain import plain
from .references import Told

MADE_BY = "pytest-opswald"


def to_data(golden: Golden) -> dict[str, Any]:
    """The JSON data of a golden file, keys in file order. Volatile values are left out."""
    told = Told()
    exchanges = Exchanges(told)
    return {
        "schema": SCHEMA,
        "made_by": MADE_BY,
        "name": golden.name,
        "test": golden.test,
        "tags": list(golden.tags),
        **_redaction(golden.redaction),
        **({"effects": golden.effects} if golden.effects else {}),
        "expected_outcome": golden.expected_outcome.model_dump(mode="json"),
        "steps": [_step(step, told, exchanges) for step in golden.trace.steps],
    }


def _redaction(told: Redaction) -> dict[str, Any]:
    """Nothing for a golden that all rules passed over."""
    if not told.count and not told.disabled:
        return {}
    disabled = {"disabled": list(told.disabled)} if told.disabled else {}
    return {"redaction": {"rules": told.rules, **disabled, "count": told.count}}


def _step(step: Step, told: Told, exchanges: Exchanges) -> dict[str, Any]:
    told.step = step.step_number
    data: dict[str, Any] = {"step": step.step_number, "type": step.type}
    for key, value in plain(step).items():
        data[key] = exchanges.encode(value) if key == "http" else told.value(value, (key,))
    return data
