"""Streams come back as they were, however they were told."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.store.decoding import Decoder
from pytest_opswald.store.exchanges import Exchanges
from pytest_opswald.store.references import Told
from pytest_opswald.store.streams import pack, runs, unpack

words = st.sampled_from(
    ["same_as", "like", "run", "of", "moving", "literal", "continues", "a", "b"]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.sampled_from(["x" * 90, "y" * 90, "2.http.body", "\ud83d", "\ude00"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
events = st.builds(
    lambda data, name: {"data": data, **name}, values, st.sampled_from([{}, {"event": "x"}])
)
deltas = st.builds(
    lambda text, number, index: {"data": {"delta": text, "n": number, "index": index}},
    st.text(max_size=40) | st.sampled_from(["\ud83d", "\ude00"]),
    st.integers(0, 5) | st.floats(0, 1),
    st.integers(0, 1),
)
streams = st.lists(st.lists(events | deltas, max_size=8).flatmap(st.permutations), max_size=3)
alike = st.lists(
    st.lists(deltas, min_size=3, max_size=12).map(lambda s: [*s, {"data": "[DONE]"}]), max_size=3
)


def told_and_read(streams: list[list[Any]]) -> list[list[Any]]:
    told = Told()
    exchanges, decoder, out = Exchanges(told), Decoder(), []
    for number, stream in enumerate(streams, start=1):
        told.step = number
        http = {"format": "f", "url": "u", "request": None, "events": copy.deepcopy(stream)}
        written = json.loads(json.dumps(exchanges.encode(http)))
        out.append(decoder.step({"http": written})["http"]["events"])
    return out


@given(streams | alike)
def test_any_events_come_back(streams: list[list[Any]]) -> None:
    """Whatever was streamed is restored, key order and number types included."""
    assert json.dumps(told_and_read(streams)) == json.dumps(streams)


def test_tokens_of_one_envelope_become_one_run() -> None:
    """Only what moves is told; what counts up is told by its start."""
    stream = [
        {"data": {"id": "chatcmpl-123", "n": n, "delta": text}}
        for n, text in enumerate(["Hel", "lo", " there"], start=7)
    ]

    (run,) = runs(stream)

    assert {place: pack(column) for place, column in run.columns().items()} == {
        ("data", "n"): {"from": 7, "by": 1},
        ("data", "delta"): {"text": "Hello there", "cuts": "326"},
    }


def test_a_new_identifier_begins_a_new_run() -> None:
    """A name that stood still is not told once per token because it changed once."""
    ids = ["msg_aaaaaaaaaaaaaaaaaaaa"] * 4 + ["msg_bbbbbbbbbbbbbbbbbbbb"] * 4

    told = list(runs([{"data": {"item": item, "delta": f"t{n}"}} for n, item in enumerate(ids)]))

    assert [len(run.rows) for run in told] == [4, 4]


@given(st.lists(scalars | st.text(min_size=30, max_size=50), min_size=1, max_size=6))
def test_any_column_comes_back(column: list[Any]) -> None:
    """Texts, numbers and mixtures keep value and type."""
    packed = json.loads(json.dumps(pack(column)))

    assert json.dumps(unpack(packed, len(column))) == json.dumps(column)


@pytest.mark.parametrize(
    "column",
    [
        {"text": "abc", "cuts": "12x"},
        {"text": "abc", "cuts": "111"},
        {"each": [1]},
        {"text": "abc"},
        {"from": 1, "by": 1, "to": 2},
    ],
    ids=["cuts too long", "too many", "too few", "no cuts", "unknown key"],
)
def test_a_damaged_column_is_refused(column: dict[str, Any]) -> None:
    """A column that does not make the run's events is an error, never a shorter stream."""
    with pytest.raises(ValueError, match=r"`cuts`|column"):
        unpack(column, 2)
