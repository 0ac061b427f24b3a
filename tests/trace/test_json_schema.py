"""Values against JSON Schemas."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from pytest_opswald.errors import UnusableRule
from pytest_opswald.trace.json_schema import violations
from pytest_opswald.trace.matchers import matches

ITEMS = {
    "type": "array",
    "items": {"$ref": "#/$defs/item"},
    "$defs": {"item": {"type": "object", "properties": {"total": {"type": "number"}}}},
}


@pytest.fixture
def library() -> None:
    pytest.importorskip("jsonschema")


@pytest.mark.usefixtures("library")
def test_violations_are_named_with_their_place() -> None:
    """One sentence each; a schema may refer to itself."""
    assert violations(ITEMS, [{"total": 1}]) == []
    assert violations(ITEMS, [{"total": 1}, {"total": "x"}, 3]) == [
        "[1].total: 'x' is not of type 'number'",
        "[2]: 3 is not of type 'object'",
    ]


@pytest.mark.usefixtures("library")
def test_a_matcher_may_be_a_schema() -> None:
    """Its own words with a $ are no matchers."""
    assert matches({"items": {"$schema": ITEMS}}, {"items": []})
    assert not matches({"items": {"$schema": ITEMS}}, {"items": [3]})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "text"}, "this is no JSON Schema: 'text' is not valid"),
        ({"$ref": "https://x.org/s.json"}, "refers to https://x.org/s.json"),
    ],
)
@pytest.mark.usefixtures("library")
def test_a_schema_that_makes_no_sense_is_no_violation(schema: Any, said: str) -> None:
    """It cannot be judged; nothing is ever fetched."""
    with pytest.raises(UnusableRule, match=re.escape(said)):
        violations(schema, 1)


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "jsonschema", None)

    with pytest.raises(UnusableRule, match=re.escape("pip install 'pytest-opswald[schema]'")):
        violations({}, 1)
