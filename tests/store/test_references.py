"""Values told once come back everywhere they were said."""

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
from pytest_opswald.store.resolving import BadReference

words = st.sampled_from(
    ["same_as", "like", "run", "literal", "continues", "add", "a.b", "", "é", '"']
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(0, 2)
    | st.sampled_from([0.0, -0.0, 1.0, "x", "x" * 90, "y" * 90, "1.http.body", "\ud83d"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)
messages = st.lists(st.sampled_from([f"{n}" * 90 for n in range(4)]) | values, max_size=5)
requests = values | st.fixed_dictionaries(
    {"model": scalars, "messages": messages}, optional={"tools": messages, "literal": values}
)
exchanges = st.fixed_dictionaries(
    {"format": st.just("f"), "url": st.just("u"), "request": requests},
    optional={"body": values, "status": st.just(400)},
)
steps = st.fixed_dictionaries({"output": values}) | st.fixed_dictionaries({"http": exchanges})


def told(steps: list[dict[str, Any]]) -> list[Any]:
    """The steps as a file tells them."""
    told = Told()
    encoder, out = Exchanges(told), []
    for number, step in enumerate(steps, start=1):
        told.step = number
        out.append(
            {
                key: encoder.encode(value) if key == "http" else told.value(value, (key,))
                for key, value in step.items()
            }
        )
    return json.loads(json.dumps(out))


def read(steps: list[dict[str, Any]]) -> list[Any]:
    decoder = Decoder()
    return [decoder.step(step) for step in steps]


def call(*messages: Any, answer: str = "yes", **request: Any) -> dict[str, Any]:
    request = {"model": "gpt-5.2", **request, "messages": list(messages)}
    body = {"id": "x" * 80, "message": {"role": "assistant", "content": answer}}
    return {"http": {"format": "f", "url": "u", "request": request, "body": body}}


def said(role: str, letter: str) -> dict[str, str]:
    return {"role": role, "content": letter * 90}


@given(st.lists(steps, max_size=5))
def test_any_steps_come_back(steps: list[dict[str, Any]]) -> None:
    """Any values are restored, those that look like our own words too."""
    before = copy.deepcopy(steps)

    assert json.dumps(read(told(steps))) == json.dumps(before)


def test_a_call_says_what_it_adds_to_the_one_it_continues() -> None:
    """An answer that the client sends back is named, not repeated."""
    first = call(said("user", "a"), answer="b" * 90)
    echo = first["http"]["body"]["message"]
    second = call(said("user", "a"), echo, said("user", "c"), answer="d" * 90)

    _, data = told([first, second])

    assert data["http"] == {
        "like": "1.http",
        "request.messages": {
            "continues": 1,
            "add": [{"same_as": "1.http.body.message"}, said("user", "c")],
        },
        "body.message.content": "d" * 90,
    }


def test_a_branch_keeps_part_of_an_earlier_list() -> None:
    """What follows another turn is told from where the two part."""
    first = call(said("user", "a"), said("user", "b"))
    branch = call(said("user", "a"), said("user", "c"))

    _, data = told([first, branch])

    assert data["http"]["request.messages"] == {
        "continues": 1,
        "keep": 1,
        "add": [said("user", "c")],
    }


def test_each_of_two_agents_is_like_itself() -> None:
    """Tools and prompts of agents that take turns are told once each."""
    one = call(said("user", "a"), tools=[said("tool", "t")])
    other = call(said("user", "b"), tools=[said("tool", "u")])

    data = told([one, other, one, other])

    assert data[2:] == [
        {"http": {"like": "1.http"}},
        {"http": {"like": "2.http"}},
    ]


def test_short_values_are_told_in_full() -> None:
    """A reviewer reads short text where it stands."""
    data = told([{"message": "Refund order 42"}, {"message": "Refund order 42"}])

    assert data[1] == {"message": "Refund order 42"}


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ({"output": {"same_as": "3.message"}}, "not at or before"),
        ({"output": {"same_as": "1.nothing"}}, "not there"),
        ({"output": {"same_as": "message"}}, "not at or before"),
        ({"output": {"same_as": 1}}, "not there"),
        ({"output": {"same_as": "1.message", "add": []}}, "does not go with add"),
        ({"output": {"like": "1.message"}}, "has no meaning here"),
        ({"http": {"like": "1.message"}}, "not there"),
        ({"http": {"request": {"messages": {"continues": 1}}}}, "not there"),
        ({"http": {"events": [{"run": 10**9, "of": {}, "moving": {}}]}}, "1 to 100000"),
        (
            {"http": {"events": [{"run": 2, "of": {}, "moving": {"[0": {"each": [1, 2]}}}]}},
            "no place",
        ),
        ({"http": None}, "not there"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_a_reference_to_nowhere_is_refused(step: dict[str, Any], problem: str) -> None:
    """What points to nothing is named, never guessed."""
    with pytest.raises(BadReference, match=problem):
        read([{"message": "hello"}, step])
