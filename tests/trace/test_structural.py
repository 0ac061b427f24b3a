"""Arguments by what they refer to."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald.trace.structural import same_plain, same_structure

SAME: dict[str, tuple[Any, Any]] = {
    "number as text": ("98.70", 98.7),
    "whole number": (1200, 1200.0),
    "case and spaces": (" Bob  Smith", "bob smith"),
    "link": ("https://www.x.org/a/", "www.x.org/a"),
    "order of scalars": (["a", "b"], ["b", "a"]),
    "left out in an object": ({"a": 1, "b": None}, {"a": 1}),
}
OTHER: dict[str, tuple[Any, Any]] = {
    "number": (1, 2),
    "leading zero": ("007", 7),
    "word": ("paris", "rome"),
    "flag": (True, False),
    "flag and number": (True, 1),
    "zero is given": (0, None),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_ways_of_writing_do_not_count(one: Any, other: Any) -> None:
    """Both ways round."""
    assert same_plain(one, other)
    assert same_plain(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_values_count(one: Any, other: Any) -> None:
    """What looks alike need not be."""
    assert not same_structure(one, other)


def test_free_text_does_not_count() -> None:
    """Wherever it stands; a single word is no free text."""
    one = {"to": "bob", "body": "the first text", "parts": [{"text": "some more"}]}
    other = {"to": "Bob", "body": "worded anew", "parts": [{"text": "and more again"}]}

    assert same_structure(one, other)
    assert not same_structure(one, {**other, "to": "alice"})
