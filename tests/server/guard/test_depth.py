"""Depth of JSON, held against a parser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_opswald.server.guard import depth
from pytest_opswald.server.guard.depth import MOST, too_deep, too_many

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


def _values(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return len(value) + sum(map(_values, value)) if isinstance(value, list) else 0


@settings(max_examples=30)
@given(_JSON, st.integers(1, 30))
def test_more_values_than_may_be_are_told_whatever_the_texts_hold(value: Any, most: int) -> None:
    """An array that is empty counts as one that is not."""
    text = json.dumps([value] * 3)
    empty = _empty(value) * 3

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(depth, "MOST_VALUES", most)
        told = too_many(text.encode())

    assert told is (_values([value] * 3) + empty > most)


def _empty(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return (sum(map(_empty, value)) or not value) if isinstance(value, list) else 0


@pytest.mark.parametrize(
    "content",
    [b"[" + b"0," * 500_000 + b"0]", b"[" + b"[]," * 250_000 + b"0]", b'["",' * 500_000],
    ids=["numbers", "arrays", "texts"],
)
def test_half_a_million_values_are_enough(content: bytes) -> None:
    """Each of them would take more memory than bytes."""
    assert too_many(content)


def test_commas_in_texts_are_no_values() -> None:
    """However many there are."""
    assert not too_many(b'["' + b",[{" * 1_000_000 + b'"]')


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
