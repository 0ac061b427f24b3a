"""What the structured output must be: a value with matchers, or a rule about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator

from .behaviour import pattern
from .json_schema import is_schema


def is_output_rule(output: Any) -> bool:
    """Whether it says what to do with the output, and is not the output itself."""
    return isinstance(output, Mapping) and bool(output) and set(output) <= {"match", "json_schema"}


def _schema(value: Any) -> Any:
    if isinstance(value, str) and value.endswith(".json"):
        return value
    if not is_schema(value):
        raise ValueError(f"must be a JSON Schema or the path of a .json file, not {value!r}")
    return value


def _output(value: Any) -> Any:
    if not is_output_rule(value):
        return pattern(value)
    if "json_schema" in value:
        _schema(value["json_schema"])
    pattern(value.get("match"))
    return value


Schema = Annotated[Any, AfterValidator(_schema)]
"""A JSON Schema, or the path of a file that holds one, seen from the golden's folder."""
Output = Annotated[Any, AfterValidator(_output)]
