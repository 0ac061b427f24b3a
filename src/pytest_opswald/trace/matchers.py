"""Matchers: what a value must be like, written as JSON in place of the value itself.

    {"total": {"$approx": 42.1, "tol": 0.01}, "id": {"$type": "string"}, "note": {"$any": true}}

An object whose only keys are a `$` word, and `tol` beside `$approx`, is a matcher; several words in
one object must all hold. Everything else is meant literally. `{"$ref": "/order/id"}` is whatever
the judged value has there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from . import json_schema, python_values
from .dates import is_date
from .json_pointers import Pointed, bound
from .volatile import canonical

TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
"""As JSON Schema names them."""
_TOLERANCE = 1e-9


def mismatches(pattern: Any, value: Any, path: str) -> Iterator[str]:
    """Paths at which a value is not as the pattern wants it; the pattern's matchers are valid.

    Raises UnusableRule where `$schema` or `$py` lack what they need.
    """
    yield from _mismatches(bound(pattern, value), value, path)


def matches(pattern: Any, value: Any) -> bool:
    return next(mismatches(pattern, value, ""), None) is None


def argument_mismatches(patterns: Mapping[str, Any], arguments: Mapping[str, Any]) -> Iterator[str]:
    """The same for arguments by name; those without a pattern are free."""
    for name, pattern in bound(patterns, arguments).items():
        if name in arguments or not _may_be_absent(pattern):
            yield from _mismatches(pattern, arguments.get(name), name)


def _mismatches(pattern: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(pattern, Pointed):
        if not pattern.equals(value):
            yield path
        return
    if is_matcher(pattern):
        if not all(_HOLDS[word](pattern, value) for word in pattern if word in _HOLDS):
            yield path
        return
    match pattern, value:
        case Mapping(), Mapping():
            for key in dict.fromkeys((*pattern, *value)):
                if key in pattern and key in value:
                    yield from _mismatches(pattern[key], value[key], f"{path}.{key}")
                elif key in value or not _may_be_absent(pattern[key]):
                    yield f"{path}.{key}"
        case [*patterns], [*values] if len(patterns) == len(values):
            for index, (each, its) in enumerate(zip(patterns, values, strict=True)):
                yield from _mismatches(each, its, f"{path}[{index}]")
        case _:
            if canonical(pattern) != canonical(value):
                yield path


def _fits(pattern: Any, value: Any) -> bool:
    return next(_mismatches(pattern, value, ""), None) is None


def is_matcher(pattern: Any) -> bool:
    """Whether it stands for more than itself; a typed value of a golden stands for itself."""
    if not isinstance(pattern, Mapping) or not any(word in _HOLDS for word in pattern):
        return False
    if "$type" in pattern and pattern["$type"] not in TYPES:
        return False
    return all(key in _HOLDS or (key == "tol" and "$approx" in pattern) for key in pattern)


def _may_be_absent(pattern: Any) -> bool:
    if not is_matcher(pattern):
        return False
    return "$any" in pattern or "$default" in pattern or pattern.get("$type") == "null"


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_type(pattern: Mapping[str, Any], value: Any) -> bool:
    name = pattern["$type"]
    if isinstance(value, bool):
        return bool(name == "boolean")
    return isinstance(value, TYPES[name])


def _is_near(pattern: Mapping[str, Any], value: Any) -> bool:
    tolerance = pattern.get("tol", _TOLERANCE)
    return is_number(value) and abs(value - pattern["$approx"]) <= tolerance


def _contains(pattern: Mapping[str, Any], value: Any) -> bool:
    wanted = pattern["$contains"]
    if isinstance(value, str):
        return str(wanted) in value
    return isinstance(value, list) and any(_fits(wanted, item) for item in value)


def _has_subset(pattern: Mapping[str, Any], value: Any) -> bool:
    wanted = pattern["$subset"]
    return isinstance(value, Mapping) and all(
        (key in value and _fits(item, value[key])) or (key not in value and _may_be_absent(item))
        for key, item in wanted.items()
    )


def _is_unordered(pattern: Mapping[str, Any], value: Any) -> bool:
    wanted = pattern["$unordered"]
    if not isinstance(value, list) or len(value) != len(wanted):
        return False
    return _all_taken([[_fits(each, item) for item in value] for each in wanted])


def _holds_json(pattern: Mapping[str, Any], value: Any) -> bool:
    try:
        return isinstance(value, str) and _fits(pattern["$json"], json.loads(value))
    except ValueError:
        return False


def _all_taken(fits: list[list[bool]]) -> bool:
    """Whether every row finds a column of its own: augmenting paths, never greedy."""
    owner: dict[int, int] = {}

    def settle(row: int, tried: set[int]) -> bool:
        for column, fit in enumerate(fits[row]):
            if fit and column not in tried:
                tried.add(column)
                if column not in owner or settle(owner[column], tried):
                    owner[column] = row
                    return True
        return False

    return all(settle(row, set()) for row in range(len(fits)))


def _compared(word: str, holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda pattern, value: is_number(value) and holds(value, pattern[word])


_HOLDS: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "$any": lambda pattern, value: True,
    "$type": _is_type,
    "$regex": lambda pattern, value: (
        isinstance(value, str) and re.search(pattern["$regex"], value) is not None
    ),
    "$contains": _contains,
    "$one_of": lambda pattern, value: any(_fits(each, value) for each in pattern["$one_of"]),
    "$approx": _is_near,
    "$lt": _compared("$lt", lambda value, limit: value < limit),
    "$lte": _compared("$lte", lambda value, limit: value <= limit),
    "$gt": _compared("$gt", lambda value, limit: value > limit),
    "$gte": _compared("$gte", lambda value, limit: value >= limit),
    "$between": lambda pattern, value: (
        is_number(value) and pattern["$between"][0] <= value <= pattern["$between"][1]
    ),
    "$len": lambda pattern, value: (
        isinstance(value, str | list | dict) and _fits(pattern["$len"], len(value))
    ),
    "$unordered": _is_unordered,
    "$subset": _has_subset,
    "$not": lambda pattern, value: not _fits(pattern["$not"], value),
    "$default": lambda pattern, value: _fits(pattern["$default"], value),
    "$date": lambda pattern, value: is_date(pattern["$date"], value),
    "$json": _holds_json,
    "$schema": lambda pattern, value: not json_schema.violations(pattern["$schema"], value),
    "$py": lambda pattern, value: python_values.fits(pattern["$py"], value),
    "$ref": lambda pattern, value: False,
}
"""`$ref` is bound before anything is compared: left over, it stands beside other words."""
WORDS: Final = tuple(_HOLDS)
