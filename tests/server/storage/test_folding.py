"""Lists that steps repeat are taken out of payloads, and put back."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from pytest_opswald.server.storage.chains import Lists
from pytest_opswald.server.storage.folding import (
    Links,
    folded,
    heads_of,
    packed,
    unfolded,
    unpacked,
)

KEY = b"k" * 32
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
objects = st.dictionaries(texts, scalars, max_size=4)
values = st.recursive(
    scalars | st.lists(objects, max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=12,
)


def back(data: bytes, links: Links) -> Any:
    messages = {name: from_json(content) for name, content in links.blobs.items()}
    return unfolded(data, Lists(links.links, messages))


def conversation(turns: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"{n} " + "word " * 100} for n in range(turns)]


@given(values)
def test_what_is_folded_comes_back(value: Any) -> None:
    """Whatever JSON it is."""
    links = Links()

    assert back(folded(value, links, key=KEY).data, links) == value


def test_a_conversation_that_goes_on_adds_what_is_new() -> None:
    """Every call repeats all before it; each message is kept once."""
    links = Links()

    for turns in range(1, 51):
        value = {
            "input": {"messages": conversation(turns)},
            "raw": {"messages": conversation(turns)},
        }
        kept = folded(value, links, key=KEY)

        assert back(kept.data, links) == value
        assert heads_of(kept.data) == kept.heads
        assert len(kept.heads) == 1
    assert len(links.links) == len(links.blobs) == 50


def test_what_was_said_twice_is_one_message_in_two_places() -> None:
    """The chain tells places apart, the messages are shared."""
    links, (message,) = Links(), conversation(1)

    folded({"messages": [message, message]}, links, key=KEY)

    assert (len(links.links), len(links.blobs)) == (2, 1)


def test_short_lists_stay_where_they_are() -> None:
    """A link costs more than they do."""
    links = Links()

    folded({"tool_calls": [{"function": "f", "arguments": {}}]}, links, key=KEY)

    assert not links.links


def test_hashes_tell_other_projects_nothing() -> None:
    """The same text has another hash in another project."""
    mine, theirs = Links(), Links()

    folded(conversation(3), mine, key=KEY)
    folded(conversation(3), theirs, key=b"o" * 32)

    assert not mine.blobs.keys() & theirs.blobs.keys()


def test_what_is_said_is_compressed_where_that_makes_it_shorter() -> None:
    """Sentences are shorter, noise and short words are kept as they are."""
    sentence, noise = b"The order is on its way to you. " * 20, random.Random(7).randbytes(1000)

    assert len(packed(sentence)) < len(sentence) / 2
    assert packed(noise) == b"\0" + noise
    assert packed(b"shipped") == b"\0shipped"
    assert [unpacked(packed(each)) for each in (sentence, noise)] == [sentence, noise]
