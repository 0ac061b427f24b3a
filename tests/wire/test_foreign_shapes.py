"""Whatever a server or an agent sends, reading it ends in a reading or a ValueError."""

from __future__ import annotations

import contextlib
import copy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_opswald.trace.replay_spec import Changes
from pytest_opswald.trace.steps import HttpRecord, SseEvent
from pytest_opswald.wire.registry import FORMATS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "text", "{}", "assistant"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "content", "role", "index", "usage", "error"]), inner
        )
    ),
    max_leaves=8,
)
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ITEM = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
USE = {"type": "tool_use", "id": "c", "name": "f", "input": {}}
REQUEST = {
    "model": "m",
    "system": [{"type": "text", "text": "s"}],
    "instructions": "s",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "s"}]},
        {"role": "assistant", "content": [USE], "tool_calls": [CALL]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "r"}]},
        {"role": "tool", "tool_call_id": "c", "content": "r"},
    ],
    "input": [
        {"role": "system", "content": [{"type": "input_text", "text": "s"}]},
        ITEM,
        {"type": "function_call_output", "call_id": "c", "output": "r"},
    ],
    "tools": [{"type": "function", "name": "f", "function": {"name": "f"}}],
}
ANSWER = {
    "model": "m",
    "choices": [{"index": 0, "message": {"content": "t", "tool_calls": [CALL]}}],
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "t"}]}, ITEM],
    "content": [{"type": "text", "text": "t"}, USE],
    "usage": {"prompt_tokens": 1, "input_tokens": 1, "output_tokens": 1},
}
EVENTS = [
    {"choices": [{"index": 0, "delta": {"content": "t", "tool_calls": [{"index": 0, **CALL}]}}]},
    {"type": "response.output_item.added", "output_index": 0, "item": ANSWER["output"][0]},
    {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "t"},
    {"type": "response.completed", "response": ANSWER},
    {"type": "message_start", "message": ANSWER},
    {"type": "content_block_start", "index": 0, "content_block": USE},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "t"}},
    {"type": "message_delta", "delta": {"stop_reason": "end"}, "usage": {"output_tokens": 2}},
]

each_format = pytest.mark.parametrize("wire", FORMATS, ids=lambda wire: wire.name)
quietly = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)


@st.composite
def bent(draw, document):
    """The document with one of its values, at any depth, replaced by something else."""
    whole = [copy.deepcopy(document)]
    parent, key = whole, 0
    while isinstance(parent[key], dict | list) and parent[key] and draw(st.integers(0, 4)):
        parent = parent[key]
        key = draw(
            st.sampled_from(list(parent) if isinstance(parent, dict) else range(len(parent)))
        )
    parent[key] = draw(JSON)
    return whole[0]


@each_format
@quietly
@given(request=bent(REQUEST), answer=bent(ANSWER))
def test_a_bent_exchange_is_read_or_refused(wire, request, answer):
    """JSON of any shape."""
    http = HttpRecord(format=wire.name, url="http://localhost/", request=request, body=answer)

    with contextlib.suppress(ValueError):
        wire.read(http)
    wire.reply(http)


@each_format
@quietly
@given(events=bent(EVENTS))
def test_a_bent_stream_is_read_or_refused(wire, events):
    """Events of any shape."""
    http = HttpRecord(
        format=wire.name,
        url="http://localhost/",
        request=REQUEST,
        events=tuple(SseEvent(data=event) for event in events or ())
        if isinstance(events, list)
        else (),
    )

    with contextlib.suppress(ValueError):
        wire.read(http)
    wire.reply(http)


@each_format
@quietly
@given(request=bent(REQUEST).filter(lambda request: isinstance(request, dict)))
def test_a_bent_request_is_searched_and_rewritten(wire, request):
    """Neither looking for tool results nor changing the prompt ever fails."""
    before = copy.deepcopy(request)

    wire.tool_echoes(request)
    wire.rewrite(request, Changes(model="n", system_prompt="New."))

    assert request == before
