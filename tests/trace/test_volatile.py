"""Values that change from run to run, and how they are found quickly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.trace.volatile import canonical, equal, normal, normalise, same

VOLATILE = {
    "uuid": "0b5a3c7e-1111-4222-8333-944455556666",
    "time": "2026-11-21T10:00:00.123Z",
    "id": "call_aaaaaaaa1",
    "dashed id": "chatcmpl-a1-b2-c3-d4",
    "hex": "0123456789abcdef0123456789abcdef",
    "epoch": "1700000000",
    "path": "/tmp/pytest-of-me/x",
    "path of a Mac": "/private/var/folders/zz/x",
}
TEXTS = st.lists(
    st.sampled_from([*VOLATILE.values(), " ", "\n", '"', "a", "1", "-", "_", "\\", "ü", "\udc00"]),
    max_size=5,
).map("".join)
DOCUMENTS = st.recursive(
    TEXTS | st.sampled_from([None, True, 1, 1.0, 1700000000, 1700000000.5, float("nan")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("value", VOLATILE.values(), ids=VOLATILE)
def test_a_value_of_each_kind_is_renamed_wherever_it_stands(value: str) -> None:
    """Alone, in a sentence, after a line break, between quotes."""
    for text in (value, f"see {value} now", f"line\n{value}\nline", f'said "{value}"'):
        assert value not in normalise(text)
        assert value not in normal({"a": [text]})


@pytest.mark.parametrize(
    "text", ["order_12345678", "2026-11-21", "v1700000000", "tmp/x", "deadbeef", "x" * 40]
)
def test_what_only_resembles_them_is_kept(text: str) -> None:
    """A user's own ids and days are data."""
    assert normalise(text) == text


@given(DOCUMENTS)
def test_the_quick_way_gives_what_renaming_every_leaf_gives(document: Any) -> None:
    """Whatever stands around a volatile value, it is not overlooked."""
    assert normal(document) == canonical(normalise(document))


@given(DOCUMENTS, DOCUMENTS)
def test_equal_documents_have_one_canonical_text(one: Any, other: Any) -> None:
    """And they are the same, too."""
    assert equal(one, other) == (canonical(one) == canonical(other))
    assert same(one, other) or not equal(one, other)


def test_types_stay_apart_that_compare_as_equal() -> None:
    """In Python `1 == 1.0 == True`; in a golden they differ."""
    assert not equal({"a": 1}, {"a": 1.0})
    assert not equal([1], [True])
    assert equal({"a": 1, "b": 2}, {"b": 2, "a": 1})
