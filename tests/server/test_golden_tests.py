"""`/v1/golden-tests`: made of traces, and independent of them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.server.test_traces import problem
from tests.server.traces import ANSWER, STEPS, refund
from tests.server.waiting import over

Document = dict[str, Any]
LONG = "x" * 2**18
SAYS_MUCH = {"type": "response", "output": {"message": LONG}}


def golden(api: httpx.Client, name: str, **said: Any) -> Document:
    """A golden test, of a trace of its own unless another is given."""
    body = {"trace_id": said.pop("trace_id", None) or refund(api), "name": name} | said
    answer = api.post("/golden-tests", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def run(api: httpx.Client, **said: Any) -> Document:
    """A run that is over."""
    answer = api.post("/golden-tests/run", json=said)
    assert answer.status_code == 202, answer.text
    return over(api, f"/golden-tests/runs/{answer.json()['run_id']}")


def test_what_is_expected_is_how_the_trace_ended(api: httpx.Client) -> None:
    """Unless the body says something else."""
    test = golden(api, "As it ended")

    assert test["expected_outcome"] == {"status": "completed", "final_message": ANSWER}
    assert (test["id"], test["snapshot_steps"]) == (test["test_id"], 6)
    assert api.get(f"/golden-tests/{test['id']}").json() == test


def test_a_test_outlives_its_trace(api: httpx.Client) -> None:
    """What it needs of it was kept, and goes with the test."""
    test = golden(api, "Outlives")
    api.delete(f"/traces/{test['trace_id']}").raise_for_status()

    told = run(api, test_ids=[test["id"]])

    assert told["results"][0]["status"] == "passed"
    assert api.delete(f"/golden-tests/{test['id']}").json() == {
        "deleted": True,
        "test_id": test["id"],
    }
    assert problem(api.get(f"/golden-tests/{test['id']}"), 404)["type"] == "not_found"
    assert api.get(f"/golden-tests/runs/{told['run_id']}").json()["passed"] == 1


def test_names_are_taken_once(api: httpx.Client) -> None:
    """By whoever came first; a test keeps its own."""
    test = golden(api, "Only one")
    other = golden(api, "Another one")

    twice = api.post("/golden-tests", json={"trace_id": test["trace_id"], "name": "Only one"})
    renamed = api.patch(f"/golden-tests/{other['id']}", json={"name": "Only one"})

    assert problem(twice)["details"]["field"] == "name"
    assert problem(renamed)["details"]["field"] == "name"
    assert api.patch(f"/golden-tests/{test['id']}", json={"name": "Only one"}).status_code == 200


def test_only_what_is_given_is_changed(api: httpx.Client) -> None:
    """Another trace takes the place of the snapshot."""
    test = golden(api, "Changing", description="first", tags=["a"])
    shorter = refund(api, steps=STEPS[:2])

    changed = api.patch(
        f"/golden-tests/{test['id']}", json={"trace_id": shorter, "tags": ["b"]}
    ).json()

    assert (changed["snapshot_steps"], changed["tags"]) == (2, ["b"])
    assert (changed["description"], changed["name"]) == ("first", "Changing")
    assert changed["expected_outcome"] == test["expected_outcome"]
    assert changed["updated_at"] > test["updated_at"]


def test_lists_go_by_tag_and_trace(api: httpx.Client) -> None:
    """Newest first, in both envelopes."""
    one, two = (golden(api, f"Tagged {n}", tags=["tagged", f"n{n}"]) for n in (1, 2))

    by_tag = api.get("/golden-tests", params={"tag": "tagged"}).json()
    by_trace = api.get("/golden-tests", params={"trace_id": one["trace_id"]}).json()

    assert [test["id"] for test in by_tag["golden_tests"]] == [two["id"], one["id"]]
    assert by_tag["data"] == by_tag["golden_tests"]
    assert [test["id"] for test in by_trace["data"]] == [one["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"trace_id": "no id"}, "trace_id"),
        ({"expected_outcome": {"status": 5}}, "expected_outcome.status"),
        (
            {"expected_outcome": {"final_message": {"contians": "x"}}},
            "expected_outcome.final_message.contians",
        ),
        ({"expected_outcome": {"final_message": LONG}}, "expected_outcome"),
        ({"expected": {}}, "expected"),
    ],
)
def test_bodies_that_make_no_sense_are_named(
    api: httpx.Client, wrong: Document, field: str
) -> None:
    """The field, and what was expected there."""
    body = {"trace_id": "trace_1", "name": "Wrong", **wrong}
    if "trace_id" not in wrong:
        body["trace_id"] = refund(api)

    assert problem(api.post("/golden-tests", json=body))["details"]["field"] == field


def test_an_outcome_too_long_to_expect_is_not_taken_from_a_trace(api: httpx.Client) -> None:
    """Somebody has to say which part of it matters."""
    body = {"trace_id": refund(api, steps=(*STEPS[:-1], SAYS_MUCH)), "name": "Long"}

    refused = problem(api.post("/golden-tests", json=body))
    golden(api, **body, expected_outcome={"final_message": {"contains": "xxx"}})

    assert refused["details"] == {
        "field": "expected_outcome",
        "expected": "at most 256 KiB as JSON",
    }


def test_only_whole_traces_become_golden_tests(api: httpx.Client) -> None:
    """Unknown ones, running ones and those that do not say what was asked are refused, why."""
    silent = [{"type": "llm_call", "input": {"model": "gpt-4o"}, "output": {"content": "Hi"}}]

    def refused(trace_id: str, status: int = 400) -> str:
        body = {"trace_id": trace_id, "name": "Never"}
        return str(problem(api.post("/golden-tests", json=body), status)["message"])

    assert "No trace" in refused("trace_unknown", 404)
    assert "still running" in refused(refund(api, status="running"))
    assert "step_001 does not say what the LLM was asked" in refused(refund(api, steps=silent))


def test_what_the_server_does_not_judge_is_kept_and_named(api: httpx.Client) -> None:
    """Keys of other releases, patterns without bounds, files of the server, its code, its keys."""
    judge = {"rubric": "Kind.", "model": "openai:gpt-5.2"}
    wanted = {
        "status": "completed",
        "final_message": {"contains": "refunded", "regex": "(a+)+$", "judge": judge},
        "output": {"at": {"$py": "os:getcwd"}},
        "mood": "kind",
    }

    test = golden(api, "Unjudged", expected_outcome=wanted)
    (result,) = run(api, test_ids=[test["id"]])["results"]

    assert test["expected_outcome"] == wanted
    assert sorted(test["unjudged"]) == [
        "final_message.judge",
        "final_message.regex",
        "mood",
        "output",
    ]
    assert (result["status"], result["unjudged"]) == ("passed", test["unjudged"])


def test_the_apis_own_words_are_judged(api: httpx.Client) -> None:
    """Costs, durations and structured output have other names in golden files."""
    wanted = {"max_cost": 0.01, "max_duration_ms": 10**9, "structured_output": {"total": 19.9}}
    test = golden(api, "Own words", expected_outcome=wanted)

    (result,) = run(api, test_ids=[test["id"]])["results"]

    assert result["status"] == "failed"
    assert {change["path"] for change in result["diff"]["outcome"]} == {
        "budgets.cost_usd",
        "output",
    }
