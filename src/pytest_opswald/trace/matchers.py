"""Matchers: what a value must be like, written as JSON in place of the value itself.

    {"total": {"$approx": 42.1, "tol": 0.01}, "id": {"$type": "string"}, "note": {"$any": true}}

An object whose only keys are a `$` word, and `tol` beside `$approx`, is a matcher; several words in
one object must all hold. Everything else is meant literally.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .problems import did_you_mean
from .volatile import canonical

_TYPES: Mapping[str, tuple[type, ...]] = {
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
    """Paths at which a value is not as the pattern wants it; the pattern's matchers are valid."""
    if is_matcher(pattern):
        if not all(_HOLDS[word](pattern, value) for word in pattern if word in _HOLDS):
            yield path
        return
    match pattern, value:
        case Mapping(), Mapping():
            for key in dict.fromkeys((*pattern, *value)):
                if key in pattern and key in value:
                    yield from mismatches(pattern[key], value[key], f"{path}.{key}")
                elif key in value or not _may_be_absent(pattern[key]):
                    yield f"{path}.{key}"
        case [*patterns], [*values] if len(patterns) == len(values):
            for index, (each, its) in enumerate(zip(patterns, values, strict=True)):
                yield from mismatches(each, its, f"{path}[{index}]")
        case _:
            if canonical(pattern) != canonical(value):
                yield path


def matches(pattern: Any, value: Any) -> bool:
    return next(mismatches(pattern, value, ""), None) is None


def is_matcher(pattern: Any) -> bool:
    """Whether it stands for more than itself; a typed value of a golden stands for itself."""
    if not isinstance(pattern, Mapping) or not any(word in _HOLDS for word in pattern):
        return False
    if "$type" in pattern and pattern["$type"] not in _TYPES:
        return False
    return all(key in _HOLDS or (key == "tol" and "$approx" in pattern) for key in pattern)


def problems(pattern: Any) -> Iterator[str]:
    """What makes no sense in a pattern, one sentence each."""
    if isinstance(pattern, Mapping):
        if is_matcher(pattern):
            yield from _misused(pattern)
        elif (odd := [k for k in pattern if str(k).startswith("$")]) and "$type" not in pattern:
            known = ", ".join(_HOLDS)
            yield f"unknown matcher {odd[0]}{did_you_mean(odd[0], _HOLDS) or f'; known are {known}'}"
        elif set(pattern) == {"$type"}:
            yield f"$type takes one of {', '.join(_TYPES)}, not {pattern['$type']!r}"
        for item in pattern.values():
            yield from problems(item)
    elif isinstance(pattern, list | tuple):
        for item in pattern:
            yield from problems(item)


def _misused(pattern: Mapping[str, Any]) -> Iterator[str]:
    for word, takes in _TAKES.items():
        if word in pattern and not takes[1](pattern[word]):
            yield f"{word} takes {takes[0]}, not {pattern[word]!r}"


def _may_be_absent(pattern: Any) -> bool:
    return is_matcher(pattern) and ("$any" in pattern or pattern.get("$type") == "null")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_type(pattern: Mapping[str, Any], value: Any) -> bool:
    name = pattern["$type"]
    if isinstance(value, bool):
        return bool(name == "boolean")
    return isinstance(value, _TYPES[name])


def _is_near(pattern: Mapping[str, Any], value: Any) -> bool:
    tolerance = pattern.get("tol", _TOLERANCE)
    return _is_number(value) and abs(value - pattern["$approx"]) <= tolerance


def _contains(pattern: Mapping[str, Any], value: Any) -> bool:
    wanted = pattern["$contains"]
    if isinstance(value, str):
        return str(wanted) in value
    return isinstance(value, list) and any(matches(wanted, item) for item in value)


def _has_subset(pattern: Mapping[str, Any], value: Any) -> bool:
    wanted = pattern["$subset"]
    return isinstance(value, Mapping) and all(
        (key in value and matches(item, value[key])) or (key not in value and _may_be_absent(item))
        for key, item in wanted.items()
    )


def _is_unordered(pattern: Mapping[str, Any], value: Any) -> bool:
    wanted = pattern["$unordered"]
    if not isinstance(value, list) or len(value) != len(wanted):
        return False
    return _all_taken([[matches(each, item) for item in value] for each in wanted])


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
    return lambda pattern, value: _is_number(value) and holds(value, pattern[word])


_HOLDS: Mapping[str, Callable[[Mapping[str, Any], Any], bool]] = {
    "$any": lambda pattern, value: True,
    "$type": _is_type,
    "$regex": lambda pattern, value: (
        isinstance(value, str) and re.search(pattern["$regex"], value) is not None
    ),
    "$contains": _contains,
    "$one_of": lambda pattern, value: any(matches(each, value) for each in pattern["$one_of"]),
    "$approx": _is_near,
    "$lt": _compared("$lt", lambda value, limit: value < limit),
    "$lte": _compared("$lte", lambda value, limit: value <= limit),
    "$gt": _compared("$gt", lambda value, limit: value > limit),
    "$gte": _compared("$gte", lambda value, limit: value >= limit),
    "$between": lambda pattern, value: (
        _is_number(value) and pattern["$between"][0] <= value <= pattern["$between"][1]
    ),
    "$len": lambda pattern, value: (
        isinstance(value, str | list | dict) and matches(pattern["$len"], len(value))
    ),
    "$unordered": _is_unordered,
    "$subset": _has_subset,
    "$not": lambda pattern, value: not matches(pattern["$not"], value),
}


def _is_pattern(text: Any) -> bool:
    try:
        re.compile(text)
    except (TypeError, re.error):
        return False
    return True


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


_TAKES: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "$regex": ("a regular expression", _is_pattern),
    "$one_of": ("a list", _is_list),
    "$approx": ("a number", _is_number),
    "$lt": ("a number", _is_number),
    "$lte": ("a number", _is_number),
    "$gt": ("a number", _is_number),
    "$gte": ("a number", _is_number),
    "$between": ("two numbers", _is_pair),
    "$unordered": ("a list", _is_list),
    "$subset": ("an object", lambda value: isinstance(value, Mapping)),
    "tol": ("a number", _is_number),
}
"""What those words take that don't take everything."""
