"""Placeholders in JSON: what changes, and what must not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.redactor import Redactor
from tests.redaction.planted import KINDS, secret

KEY = secret("openai-project")
OTHER = secret("anthropic")

names = st.sampled_from(
    ["password", "api_key", "name", "value", "cookie", "Authorization", "content", "n"]
)
texts = (
    st.text(max_size=8)
    | st.sampled_from(["hunter2", "Bearer ", "password: ", "a=b; c=d", "‹redacted:x#3›", '"', "\\"])
    | st.sampled_from(KINDS).map(secret)
)
said = st.lists(texts, max_size=4).map("".join)
scalars = said | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
documents = st.recursive(
    scalars | said.map(lambda text: json.dumps({"password": text})),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names | said, inner, max_size=4),
    max_leaves=12,
)


def redacted(value: Any, **known: str) -> Any:
    return Redactor(Detector(known=known)).value(value)


@given(documents)
def test_once_is_enough(value: Any) -> None:
    """What has been redacted holds nothing more to redact."""
    once = redacted(value)

    assert redacted(once) == once


def test_a_secret_in_a_key_is_no_part_of_what_its_value_is_called() -> None:
    """A key is redacted first, and says what it says then."""
    for key in (f"{OTHER}:password", f"{KEY}:password"):
        [(said, value)] = redacted({key: "hunter2-1"}).items()

        assert said.endswith(":password")
        assert value.startswith("‹redacted:redacted-")
        assert redacted({said: value}) == {said: value}


@given(documents)
def test_nothing_that_is_handed_in_changes(value: Any) -> None:
    """The agent goes on with its own objects."""
    before = copy.deepcopy(value)

    redacted(value)

    assert value == before


@given(documents)
def test_shapes_stay(value: Any) -> None:
    """Only texts change, to texts; the document can be written as before."""

    def shape(part: Any) -> Any:
        match part:
            case dict():
                return [shape(item) for item in part.values()]
            case list():
                return [shape(item) for item in part]
            case str():
                return ""
        return repr(part)

    assert shape(redacted(value)) == shape(value)


@given(documents)
def test_json_in_a_text_stays_json(value: Any) -> None:
    """Whatever stood in it, at any depth."""
    outer = json.loads(redacted(json.dumps({"text": json.dumps(value)})))

    json.loads(outer["text"])


def test_what_holds_no_secret_comes_back_as_it_is() -> None:
    """The very object."""
    value = {"messages": [{"role": "user", "content": "Refund order 42."}], "n": 1}

    assert redacted(value) is value


def test_equal_secrets_have_equal_numbers() -> None:
    """In the order of their first appearance, by kind."""
    other = secret("openai-project", "someone else")

    assert redacted([other, KEY, OTHER, f"again {other}"]) == [
        "‹redacted:openai-key#1›",
        "‹redacted:openai-key#2›",
        "‹redacted:anthropic-key#1›",
        "again ‹redacted:openai-key#1›",
    ]


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ({"password": "hunter2"}, {"password": "‹redacted:password#1›"}),
        ({"password": None, "n": 1}, {"password": None, "n": 1}),
        ({"password": 12345678}, {"password": 12345678}),
        (
            {"Authorization": "Bearer ab12cd34"},
            {"Authorization": "Bearer ‹redacted:authorization#1›"},
        ),
        ({"secret": {"value": "hunter2"}}, {"secret": {"value": "‹redacted:secret#1›"}}),
        ({"api_keys": ["ab12cd34"]}, {"api_keys": ["‹redacted:api-keys#1›"]}),
        (
            {"name": "api_key", "value": "ab12cd34"},
            {"name": "api_key", "value": "‹redacted:api-key#1›"},
        ),
        ([["X-Api-Key", "ab12cd34"]], [["X-Api-Key", "‹redacted:x-api-key#1›"]]),
        ({"required": ["password", "email"]}, {"required": ["password", "email"]}),
        (
            {"properties": {"password": {"type": "string", "description": "The new password."}}},
            {"properties": {"password": {"type": "string", "description": "The new password."}}},
        ),
        (
            {"Cookie": "sid=ab12cd34; theme=darkness"},
            {"Cookie": "sid=‹redacted:cookie#1›; theme=‹redacted:cookie#2›"},
        ),
        (
            '{"user": "ana", "pass": 1, "password": "hun\\"ter2"}',
            '{"user": "ana", "pass": 1, "password": "‹redacted:password#1›"}',
        ),
        (
            '[{"name": "token", "value": "9f8e7d6c5b4a39281706"}]',
            '[{"name": "token", "value": "‹redacted:token#1›"}]',
        ),
        ({KEY: 1}, {"‹redacted:openai-key#1›": 1}),
    ],
)
def test_structure_tells_secrets(value: Any, clean: Any) -> None:
    """Names, pairs, cookies, JSON in texts."""
    assert redacted(value) == clean


def test_numbers_that_a_text_brings_along_are_not_given_again() -> None:
    """Answers of a golden hold placeholders of their own."""
    assert redacted(["‹redacted:openai-key#1›", KEY]) == [
        "‹redacted:openai-key#1›",
        "‹redacted:openai-key#2›",
    ]


def test_what_is_learned_by_name_is_known_everywhere() -> None:
    """A password that a tool got is replaced where the model says it in plain words."""
    value = [{"content": "I signed in with tr0ub4dor."}, {"password": "tr0ub4dor"}]
    first = Redactor(Detector())
    first.value(value)

    assert first.wiser().value(value)[0] == {"content": "I signed in with ‹redacted:password#1›."}
