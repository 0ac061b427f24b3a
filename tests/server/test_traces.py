"""`/v1/traces`: import, list, open, delete."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

Trace = dict[str, Any]


def a_trace(n: int = 0, **said: Any) -> Trace:
    """A body; `n` makes it one of many."""
    started = f"2026-03-{1 + n // 60 % 28:02d}T12:{n % 60:02d}:00Z"
    return {
        "started_at": started,
        "steps": [
            {"type": "user_input", "input": {"message": f"Question {n}"}},
            {
                "type": "llm_call",
                "input": {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]},
                "output": {"content": "Hello"},
                "tokens": {"input": 10, "output": 5},
                "cost": 0.001,
                "duration_ms": 250,
            },
            {"type": "response", "output": {"message": "Hello"}},
        ],
    } | said


def stored(api: httpx.Client, body: Trace) -> Trace:
    answer = api.post("/traces", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def problem(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    """The error of an answer, which has exactly the envelope's shape."""
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"error"}
    return answer.json()["error"]


def test_totals_models_and_numbers_follow_from_the_steps(api: httpx.Client) -> None:
    """A body without totals is answered with them."""
    trace = stored(api, a_trace())

    assert trace["total_cost"] == 0.001
    assert trace["total_tokens"] == {"input": 10, "output": 5}
    assert trace["models_used"] == ["gpt-4o"]
    assert [step["id"] for step in trace["steps"]] == ["step_001", "step_002", "step_003"]
    assert trace["status"] == "completed"
    assert trace["duration_ms"] == 250
    assert trace["final_output"] == "Hello"


def test_a_trace_comes_back_as_it_was_answered(api: httpx.Client) -> None:
    """GET answers what POST answered."""
    trace = stored(api, a_trace(metadata={"deep": [1, {"ü": None}]}, tags=["b", "a"]))

    assert api.get(f"/traces/{trace['id']}").json() == trace


def test_what_get_answers_can_be_posted_again(api: httpx.Client) -> None:
    """An exported trace is imported as it is, in place of itself."""
    trace = stored(api, a_trace())

    again = api.post("/traces", json=trace)

    assert again.status_code == 200
    assert again.json() == trace


def test_an_id_in_another_session_is_refused(api: httpx.Client) -> None:
    """A trace is not moved from one session to another."""
    trace = stored(api, a_trace(session_id="mine"))

    answer = api.post("/traces", json=a_trace(id=trace["id"], session_id="yours"))

    assert problem(answer)["details"]["field"] == "session_id"


def test_a_failed_last_step_makes_the_trace_an_error(api: httpx.Client) -> None:
    """Status, count and the first problem are those of the steps."""
    failing = {
        "type": "tool_result",
        "output": {"error": {"type": "tool_error", "message": "SMTP"}},
    }

    trace = stored(api, a_trace(steps=[failing]))

    assert trace["status"] == "error"
    assert trace["errors"] == 1
    assert trace["error"] == {"type": "tool_error", "message": "SMTP", "step": 1}


def test_a_cost_nobody_gave_is_estimated_and_says_so(api: httpx.Client) -> None:
    """Model and tokens have a price."""
    call = {
        "type": "llm_call",
        "input": {"model": "gpt-4o"},
        "tokens": {"input": 1000, "output": 1000},
    }

    step = stored(api, a_trace(steps=[call]))["steps"][0]

    assert step["cost"] > 0
    assert step["metadata"] == {"cost_estimated": True}


def test_delete_is_done_once(api: httpx.Client) -> None:
    """A second DELETE finds nothing."""
    trace = stored(api, a_trace())

    first = api.delete(f"/traces/{trace['id']}")

    assert first.json() == {"deleted": True, "trace_id": trace["id"]}
    assert problem(api.delete(f"/traces/{trace['id']}"), 404)["type"] == "not_found"
    assert problem(api.get(f"/traces/{trace['id']}"), 404)["type"] == "not_found"


@pytest.fixture(scope="module")
def many(api: httpx.Client) -> list[Trace]:
    """Traces that differ in everything a filter asks for, newest first."""
    for trace in api.get("/traces", params={"limit": 100}).json()["traces"]:
        api.delete(f"/traces/{trace['id']}")
    made = []
    kinds = itertools.product(
        ("gpt-4o", "claude-3-sonnet"), (0.001, 0.5), ("ann", None), ("ok", "error")
    )
    for n, (model, cost, user, status) in enumerate(kinds):
        call = {"type": "llm_call", "input": {"model": model}, "cost": cost, "status": status}
        more = {"session_id": f"s{n % 3}", "user_id": user, "tags": [f"t{n % 2}"]}
        made.append(stored(api, a_trace(n, steps=[call], **more)))
    return made[::-1]


FILTERS: dict[str, tuple[dict[str, Any], Callable[[Trace], bool]]] = {
    "start": ({"start_time": "2026-03-01T12:05:00Z"}, lambda t: t["started_at"][14:16] >= "05"),
    "end": ({"end_time": "2026-03-01T12:05:00Z"}, lambda t: t["started_at"][14:16] < "05"),
    "error": ({"error": "true"}, lambda t: t["errors"] > 0),
    "no error": ({"error": "0"}, lambda t: t["errors"] == 0),
    "model": ({"model": "gpt-4o"}, lambda t: "gpt-4o" in t["models_used"]),
    "min cost": ({"min_cost": 0.5}, lambda t: t["total_cost"] >= 0.5),
    "max cost": ({"max_cost": 0.001}, lambda t: t["total_cost"] <= 0.001),
    "user": ({"user_id": "ann"}, lambda t: t["user_id"] == "ann"),
    "session": ({"session_id": "s1"}, lambda t: t["session_id"] == "s1"),
    "status": ({"status": "error"}, lambda t: t["status"] == "error"),
    "tag": ({"tag": "t1"}, lambda t: t["tags"] == ["t1"]),
    "own project": ({"project": "default"}, lambda t: True),
    "other project": ({"project": "other"}, lambda t: False),
}


@pytest.mark.parametrize("names", [*itertools.combinations(FILTERS, 2)], ids=" and ".join)
def test_filters_apply_alone_and_together(
    api: httpx.Client, many: list[Trace], names: tuple[str, ...]
) -> None:
    """A list holds what every filter lets through, and counts it."""
    query: dict[str, Any] = {"limit": 100}
    for name in names:
        query |= FILTERS[name][0]
    applied = [FILTERS[name][1] for name in names if FILTERS[name][0].items() <= query.items()]

    answer = api.get("/traces", params=query).json()

    expected = [trace["id"] for trace in many if all(applies(trace) for applies in applied)]
    assert [trace["id"] for trace in answer["traces"]] == expected
    assert answer["total"] == len(expected)
    assert answer["data"] == answer["traces"]


def _pages(api: httpx.Client, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        page = api.get("/traces", params=query).json()
        yield page
        if not page["has_more"]:
            return
        query = {"cursor": page["pagination"]["next_cursor"], "limit": 3}


def test_a_cursor_brings_its_filters_along(api: httpx.Client, many: list[Trace]) -> None:
    """Pages by cursor hold every trace once, filtered, and all say the same total."""
    pages = list(_pages(api, {"limit": 3, "model": "gpt-4o"}))

    walked = [trace["id"] for page in pages for trace in page["traces"]]
    assert walked == [trace["id"] for trace in many if "gpt-4o" in trace["models_used"]]
    assert {page["total"] for page in pages} == {8}
    assert pages[-1]["pagination"] == {"has_more": False, "next_cursor": None}


def test_the_longest_filters_go_on(api: httpx.Client) -> None:
    """The server takes every cursor that it gives."""
    name = "\N{RACING CAR}" * 255
    call = {"type": "llm_call", "input": {"model": name, "messages": []}}
    said = {"session_id": name, "user_id": name, "tags": [name], "steps": [call]}
    both = [stored(api, a_trace(n, **said)) for n in range(2)]
    asked = {"session_id": name, "user_id": name, "tag": name, "model": name, "limit": 1}

    first, second = _pages(api, asked)

    for trace in both:
        api.delete(f"/traces/{trace['id']}")
    assert first["total"] == second["total"] == 2


def test_traces_that_arrive_meanwhile_do_not_move_a_cursor(
    api: httpx.Client, many: list[Trace]
) -> None:
    """A page that was pushed down by new traces is not shown twice."""
    first = api.get("/traces", params={"limit": 3}).json()
    newer = stored(api, a_trace(10_000))

    then = api.get("/traces", params={"cursor": first["pagination"]["next_cursor"]}).json()

    api.delete(f"/traces/{newer['id']}")
    assert [trace["id"] for trace in then["traces"]] == [trace["id"] for trace in many[3:]]


def test_offsets_walk_the_same_list(api: httpx.Client, many: list[Trace]) -> None:
    """Pages by offset hold every trace once."""
    starts = range(0, len(many), 5)
    pages = [api.get("/traces", params={"limit": 5, "offset": n}).json() for n in starts]

    assert [trace["id"] for page in pages for trace in page["data"]] == [t["id"] for t in many]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": 10**30}, "offset"),
        ({"error": "yes"}, "error"),
        ({"min_cost": "nan"}, "min_cost"),
        ({"max_cost": 1e300}, "max_cost"),
        ({"start_time": "yesterday"}, "start_time"),
        ({"start_time": "9999-12-31T23:59:59-14:00"}, "start_time"),
        ({"end_time": "0.5"}, "end_time"),
        ({"status": "done"}, "status"),
        ({"user_id": "a\0b"}, "user_id"),
        ({"modle": "gpt-4o"}, "modle"),
        ({"cursor": "cursor_!"}, "cursor"),
        ({"cursor": "cursor_e30"}, "cursor"),
        ({"cursor": "cursor_eyJ2IjoxLCJrIjpbMSwiYSJdLCJmIjp7fX0", "offset": 1}, "offset"),
        ({"cursor": "cursor_eyJ2IjoxLCJrIjpbMSwiYSJdLCJmIjp7fX0", "model": "x"}, "cursor"),
        ({"cursor": "cursor_eyJ2IjoxLCJrIjpbMSwiYVx1MDAwMCJdLCJmIjp7fX0"}, "cursor"),
    ],
    ids=lambda value: str(value)[:60].replace("\0", "NUL"),
)
def test_queries_that_make_no_sense_are_named(
    api: httpx.Client, query: dict[str, Any], field: str
) -> None:
    """Nothing is clamped or ignored."""
    said = problem(api.get("/traces", params=query))

    assert said["type"] == "validation_error"
    assert said["details"]["field"] == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'{"started_at": 1}', "started_at"),
        (b'{"started_at": "0.5"}', "started_at"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "steps": [{"type": "llm"}]}', "steps.0.type"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "name": "\\u0000"}', "body"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "metadata": {"a": "\\ud800"}}', "body"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "metadata": ' + b'{"a":' * 300, "body"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "metadata": {"a": NaN}}', "body"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "id": "mine"}', "id"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "ended_at": "2026-03-17T14:00:00Z"}', "ended_at"),
        (b'{"started_at": "2026-03-17T14:15:32Z", "total_cost": 1e30}', "total_cost"),
        (json.dumps(a_trace(metadata={"said": "x" * 2**16})).encode(), "metadata"),
        (json.dumps(a_trace(tags=[str(n) for n in range(101)])).encode(), "tags"),
    ],
    ids=lambda value: repr(value)[-40:],
)
def test_bodies_that_make_no_sense_are_named(api: httpx.Client, body: bytes, field: str) -> None:
    """The first field that is wrong is told."""
    answer = api.post("/traces", content=body, headers={"content-type": "application/json"})

    assert problem(answer)["details"]["field"] == field


def test_ids_that_cannot_be_ids_are_bad_requests(api: httpx.Client) -> None:
    """As the vendor's page shows it."""
    assert problem(api.get("/traces/123")) == {
        "type": "validation_error",
        "message": "Invalid trace_id format",
        "details": {"field": "trace_id", "expected": "trace_<id> or UUID v4 format"},
    }


def test_huge_numbers_and_hostile_keys_come_back(api: httpx.Client) -> None:
    """What a tool said is kept to the letter."""
    said = {"__proto__": 10**40, "constructor": -0.5, "\\u0000": "'\";--%_", "z": "‮ü𝄞"}

    trace = stored(api, a_trace(metadata=said))

    assert trace["metadata"] == said
    assert api.get(f"/traces/{trace['id']}").json()["metadata"] == said


def test_a_long_trace_is_answered_piece_by_piece(api: httpx.Client) -> None:
    """A conversation is stored once, and written out while it is sent."""
    messages = [{"role": "user", "content": f"{n} " + "word " * 100} for n in range(60)]
    calls = [
        {"type": "llm_call", "input": {"model": "m", "messages": messages[:n]}, "cost": 0}
        for n in range(1, 61)
    ]
    trace = stored(api, a_trace(steps=calls))

    answer = api.get(f"/traces/{trace['id']}")

    assert answer.headers["transfer-encoding"] == "chunked"
    assert [step["input"]["messages"] for step in answer.json()["steps"]] == [
        messages[:n] for n in range(1, 61)
    ]
