"""JSON text that is parsed can be put back without loss, or is left as text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.wire import json_text

LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    LEAVES | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_dumped_parses_back(value):
    """Any JSON value survives, key order included."""
    text = json_text.dump(value).decode()

    assert json.dumps(json_text.parse(text)) == json.dumps(value)


@given(VALUES)
def test_a_dumped_value_is_one_line(value):
    """Clients that read lines with `str.splitlines` see a single one."""
    text = json_text.dump(value).decode()

    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', "NaN", "[Infinity]", "-Infinity", "1e999", "[" * 100_000, "{", ""],
    ids=["repeated key", "nan", "infinity", "minus infinity", "overflow", "deep", "cut", "empty"],
)
def test_lossy_or_broken_text_is_refused(text):
    """Parsing raises ValueError rather than forgetting something."""
    with pytest.raises(ValueError):  # noqa: PT011
        json_text.parse(text)
