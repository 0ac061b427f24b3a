"""Depth of JSON, held against a parser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.server.guard.depth import MOST, too_deep

_LEAVES = st.none() | st.text(alphabet='[]{}"\\\n€a', max_size=8)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('"]{\\'), inner)
)


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0


@given(_JSON, st.integers(0, 70), st.booleans())
def test_deeper_than_sixty_four_is_told_whatever_the_texts_hold(
    value: Any, around: int, compact: bool
) -> None:
    """Brackets, quotes and backslashes inside of texts count for nothing."""
    for level in range(around):
        value = [value, "]"] if level % 2 else {"{[": value}
    text = json.dumps(value, indent=None if compact else 1)

    assert too_deep(text.encode()) is (_depth(value) > MOST)


@pytest.mark.parametrize(
    ("content", "deep"),
    [
        pytest.param(b"[" * 64 + b"]" * 64, False, id="64"),
        pytest.param(b"[" * 65 + b"]" * 65, True, id="65"),
        pytest.param(b"[[],{}]" * 1000, False, id="wide"),
        pytest.param(b"[" * 1_000_000, True, id="never closed"),
        pytest.param(b'{"a":' * 100_000, True, id="objects never closed"),
        pytest.param(b"[}" * 1_000_000, False, id="closed wrongly, never deep"),
        pytest.param(b"]" * 1_000_000, False, id="never opened"),
        pytest.param(b'"' + b"[" * 1_000_000, False, id="text without an end"),
        pytest.param(b'["' + b"\\" * 1_000_001 + b"[" * 100, False, id="backslashes"),
        pytest.param(b"", False, id="nothing"),
    ],
)
def test_what_is_no_json_is_told_as_quickly(content: bytes, deep: bool) -> None:
    """A million brackets take no longer than a million letters."""
    assert too_deep(content) is deep
