"""Matchers: what a value must be like."""

from __future__ import annotations

import re
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.errors import UnusableRule
from pytest_opswald.trace.matcher_problems import problems
from pytest_opswald.trace.matchers import (
    argument_mismatches,
    is_matcher,
    matches,
    mismatches,
)

HOLDS: dict[str, tuple[Any, Any, Any]] = {
    "any": ({"$any": True}, None, ...),
    "type": ({"$type": "integer"}, 3, 3.5),
    "a boolean is no number": ({"$type": "boolean"}, True, 1),
    "a number is no boolean": ({"$type": "number"}, 1, True),
    "null": ({"$type": "null"}, None, 0),
    "regex": ({"$regex": r"^HAT\d+$"}, "HAT136", "a HAT"),
    "regex wants text": ({"$regex": "1"}, "1", 1),
    "contains text": ({"$contains": "refund"}, "a refund", "a return"),
    "contains item": ({"$contains": {"$gte": 3}}, [1, 3], [1, 2]),
    "one of": ({"$one_of": ["a", {"$gt": 5}]}, 6, 5),
    "approx": ({"$approx": 42.1, "tol": 0.01}, 42.105, 42.2),
    "approx is close by itself": ({"$approx": 0.3}, 0.1 + 0.2, 0.31),
    "lt": ({"$lt": 3}, 2, 3),
    "lte": ({"$lte": 3}, 3, 4),
    "gt": ({"$gt": 3}, 4, 3),
    "gte": ({"$gte": 3}, 3, 2),
    "a range of words": ({"$gte": 3, "$lt": 5}, 4, 5),
    "between": ({"$between": [1, 2]}, 2, 3),
    "no text is a number": ({"$lte": 3}, 1, "1"),
    "len": ({"$len": 2}, "ab", "abc"),
    "len by matcher": ({"$len": {"$gte": 1}}, [0], []),
    "unordered": ({"$unordered": [1, {"$gt": 1}]}, [2, 1], [1, 1]),
    "subset": ({"$subset": {"a": 1}}, {"a": 1, "b": 2}, {"b": 2}),
    "not": ({"$not": {"$contains": "sorry"}}, "done", "sorry"),
    "a date": ({"$date": True}, "2026-03-05T10:00:00Z", "soon"),
    "a day": ({"$date": "2026-03-05"}, "2026-03-05T10:00", "2026-03-06"),
    "a moment": ({"$date": "2026-03-05T10:00Z"}, "2026-03-05T11:00+01:00", "2026-03-05"),
    "a typed date": ({"$date": True}, {"$type": "date", "value": "2026-03-05"}, 20260305),
    "JSON in a text": ({"$json": {"a": {"$gt": 1}}}, '{"a": 2}', '{"a": 1}'),
    "no JSON": ({"$json": {"$any": True}}, "null", "{"),
    "a default may be absent": ({"page": {"$default": 1}}, {}, {"page": 2}),
    "what stands elsewhere": (
        {"id": {"$any": True}, "of": {"$ref": "/id"}},
        {"id": 7, "of": 7},
        {"id": 7, "of": 8},
    ),
    "nowhere": ({"$not": {"$ref": "/a/0"}}, {"a": []}, ...),
    "a function": ({"$py": "builtins:callable"}, len, 1),
    "an object": ({"$py": "string:digits"}, "0123456789", "1"),
    "within a tree": ({"a": [{"$type": "string"}]}, {"a": ["x"]}, {"a": [1]}),
    "any may be absent": ({"a": 1, "b": {"$any": True}}, {"a": 1}, {"a": 2}),
    "a typed value is literal": (
        {"$type": "decimal", "value": "1.20"},
        {"$type": "decimal", "value": "1.20"},
        {"$type": "decimal", "value": "1.2"},
    ),
}


@pytest.mark.parametrize(("pattern", "good", "bad"), HOLDS.values(), ids=HOLDS)
def test_matchers_hold_for_what_they_say(pattern: Any, good: Any, bad: Any) -> None:
    """Of two values that look alike, one fits."""
    assert matches(pattern, good)
    assert bad is ... or not matches(pattern, bad)


def test_mismatches_name_the_leaves() -> None:
    """Each by its path below the root."""
    pattern = {"a": {"b": {"$lte": 3}, "c": 1}, "d": [1, {"$type": "string"}]}

    found = mismatches(pattern, {"a": {"b": 4}, "d": [1, 2], "e": 0}, "output")

    assert list(found) == ["output.a.b", "output.a.c", "output.d[1]", "output.e"]


WRONG: dict[str, tuple[Any, str]] = {
    "unknown": ({"a": {"$aprox": 1}}, "unknown matcher $aprox, did you mean $approx?"),
    "operand": ({"$lte": "3"}, "$lte takes a number, not '3'"),
    "pattern": ({"$regex": "("}, "$regex takes a regular expression, not '('"),
    "type": ({"$type": "int"}, "$type takes one of string, number, integer, boolean"),
    "nested": ([{"$one_of": 3}], "$one_of takes a list, not 3"),
    "date": ({"$date": "tomorrow"}, "$date takes true or an ISO 8601 date, not 'tomorrow'"),
    "pointer": ({"$ref": "id"}, "$ref takes a JSON pointer, /order/id, not 'id'"),
    "name": ({"$py": "os.path"}, "$py takes module:name, not 'os.path'"),
    "schema": ({"$schema": "x.json"}, "$schema takes a JSON Schema, not 'x.json'"),
}


@pytest.mark.parametrize(("pattern", "said"), WRONG.values(), ids=WRONG)
def test_what_makes_no_sense_is_said(pattern: Any, said: str) -> None:
    """In the words of the file."""
    (problem,) = problems(pattern)

    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ({"$py": "no_such_module:x"}, "No module named 'no_such_module'"),
        ({"$py": "string:nothing"}, "has no attribute 'nothing'"),
    ],
)
def test_a_matcher_that_lacks_something_is_no_mismatch(pattern: Any, said: str) -> None:
    """It cannot be judged, and says why."""
    with pytest.raises(UnusableRule, match=re.escape(said)):
        matches(pattern, 1)


def test_arguments_are_looked_at_together() -> None:
    """Others are free, defaults may be absent, and one may refer to another."""
    patterns = {"of": {"$ref": "/id"}, "page": {"$default": 1}, "note": None}

    assert list(argument_mismatches(patterns, {"id": 7, "of": 7, "x": 0})) == []
    assert list(argument_mismatches(patterns, {"id": 7, "of": 8, "page": 2})) == ["of", "page"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=8,
)


@given(JSON)
def test_a_literal_matches_itself(value: Any) -> None:
    """Without matchers a pattern is the value that it describes."""
    assert not is_matcher(value)
    assert matches(value, value)


@given(st.lists(st.integers(0, 3), max_size=4), st.lists(st.integers(0, 3), max_size=4))
def test_unordered_agrees_with_trying_every_order(limits: list[int], values: list[int]) -> None:
    """Matchers overlap: a greedy choice may take a value that another needs."""
    patterns = [{"$lte": limit} for limit in limits]
    tried = any(
        all(value <= limit for limit, value in zip(limits, order, strict=True))
        for order in permutations(values)
        if len(limits) == len(values)
    )

    assert matches({"$unordered": patterns}, values) is tried
