"""What makes no sense in a pattern that somebody wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import json_schema, python_values
from .dates import names_date
from .json_pointers import is_pointer
from .matchers import TYPES, WORDS, is_matcher, is_number
from .problems import did_you_mean


def problems(pattern: Any) -> Iterator[str]:
    """What makes no sense in a pattern, one sentence each."""
    if isinstance(pattern, Mapping):
        if is_matcher(pattern):
            yield from _misused(pattern)
        elif (odd := [k for k in pattern if str(k).startswith("$")]) and "$type" not in pattern:
            known = ", ".join(WORDS)
            yield f"unknown matcher {odd[0]}{did_you_mean(odd[0], WORDS) or f'; known are {known}'}"
        elif set(pattern) == {"$type"}:
            yield f"$type takes one of {', '.join(TYPES)}, not {pattern['$type']!r}"
        for word, item in pattern.items():
            if word != "$schema":  # those have words of their own with a $
                yield from problems(item)
    elif isinstance(pattern, list | tuple):
        for item in pattern:
            yield from problems(item)


def _misused(pattern: Mapping[str, Any]) -> Iterator[str]:
    for word, takes in _TAKES.items():
        if word in pattern and not takes[1](pattern[word]):
            yield f"{word} takes {takes[0]}, not {pattern[word]!r}"


def _is_pattern(text: Any) -> bool:
    try:
        re.compile(text)
    except (TypeError, re.error):
        return False
    return True


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(is_number, value))


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


_TAKES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "$regex": ("a regular expression", _is_pattern),
    "$one_of": ("a list", _is_list),
    "$approx": ("a number", is_number),
    "$lt": ("a number", is_number),
    "$lte": ("a number", is_number),
    "$gt": ("a number", is_number),
    "$gte": ("a number", is_number),
    "$between": ("two numbers", _is_pair),
    "$unordered": ("a list", _is_list),
    "$subset": ("an object", lambda value: isinstance(value, Mapping)),
    "tol": ("a number", is_number),
    "$date": ("true or an ISO 8601 date", names_date),
    "$schema": ("a JSON Schema", json_schema.is_schema),
    "$py": ("module:name", python_values.is_reference),
    "$ref": ("a JSON pointer, /order/id", is_pointer),
}
"""What those words take that don't take everything."""
