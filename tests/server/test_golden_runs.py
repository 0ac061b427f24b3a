"""`/v1/golden-tests/run` and `/v1/golden-tests/runs`: verdicts, by the server and by runners."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from local_provider import Fail, Provider
from tests.providers import point_at
from tests.server.test_golden_tests import golden, run
from tests.server.test_traces import problem
from tests.server.traces import ANSWER
from tests.server.waiting import over

Document = dict[str, Any]


def started(api: httpx.Client, **said: Any) -> Document:
    answer = api.post("/golden-tests/run", json=said)
    assert answer.status_code == 202, answer.text
    return answer.json()


def upload(api: httpx.Client, run_id: str, *results: Document) -> httpx.Response:
    return api.post(f"/golden-tests/runs/{run_id}/results", json={"results": results})


def test_without_modifications_recordings_are_judged_again(api: httpx.Client) -> None:
    """The answer says so: no agent ran, nothing was spent."""
    test = golden(api, "Cached")

    told = run(api, test_ids=[test["id"]])

    (result,) = told["results"]
    assert (told["status"], told["passed"], told["pending"]) == ("completed", 1, 0)
    assert (result["mode"], result["fidelity"], result["cost"]) == ("cached", "frozen", 0)
    assert result["actual"]["final_message"] == result["expected"]["final_message"] == ANSWER
    assert result["diff"] is None
    last = api.get(f"/golden-tests/{test['id']}").json()["last_run"]
    assert (last["run_id"], last["status"]) == (told["run_id"], "completed")


def test_an_expectation_that_does_not_hold_fails(api: httpx.Client) -> None:
    """And the difference is told by its path."""
    test = golden(api, "Stricter", expected_outcome={"final_message": {"contains": "43"}})

    (result,) = run(api, test_ids=[test["id"]])["results"]

    assert result["status"] == "failed"
    (change,) = result["diff"]["outcome"]
    assert (change["path"], change["kind"]) == ("final_message.contains", "changed")


def test_another_model_that_does_less_fails(api: httpx.Client, provider: Provider) -> None:
    """The small model promises what it never did."""
    test = golden(api, "Other model")

    told = run(api, test_ids=[test["id"]], modifications={"model": "gpt-5-mini", "timeout": 60})

    (result,) = told["results"]
    assert (result["status"], result["mode"]) == ("failed", "live")
    assert result["fidelity"] == "teacher_forced"
    assert result["diff"]["first_divergent_step"] == 5
    assert result["diff"]["steps"][0]["changes"][0]["path"] == "output.content"
    assert 0 < told["total_cost"] == result["cost"]
    assert [ask.model for ask in provider.requests] == ["gpt-5-mini"] * 2


def test_a_provider_that_fails_is_an_error_and_no_verdict(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run still comes to its end."""
    test = golden(api, "Broken provider")
    with Provider([Fail(401, "who are you?")]) as provider:
        point_at(provider, monkeypatch)
        told = run(api, test_ids=[test["id"]], modifications={"model": "gpt-5"})

    assert (told["status"], told["errored"]) == ("completed", 1)
    assert told["results"][0]["error"]["type"] == "llm_error"
    assert "who are you?" in told["results"][0]["error"]["message"]


def test_tests_are_chosen_by_id_by_tag_or_all(api: httpx.Client) -> None:
    """Unknown ids are named, and nothing is no run."""
    one, two = (golden(api, f"Chosen {n}", tags=["chosen"]) for n in (1, 2))

    by_id = started(api, test_ids=[two["id"], one["id"], two["id"]])
    unknown = api.post("/golden-tests/run", json={"test_ids": [one["id"], "test_unknown"]})
    nothing = api.post("/golden-tests/run", json={"tags": ["nobody has this"]})

    assert by_id["total_tests"] == started(api, tags=["chosen"])["total_tests"] == 2
    assert started(api)["total_tests"] == api.get("/golden-tests").json()["total"]
    assert problem(unknown, 404)["details"] == {"missing": ["test_unknown"]}
    assert problem(nothing)["details"]["field"] == "test_ids"


def test_a_run_that_is_asked_for_twice_is_started_once(api: httpx.Client) -> None:
    """Its id may be the client's own."""
    test = golden(api, "Once")
    asked = {"run_id": "run_mine", "test_ids": [test["id"]]}

    first = started(api, **asked)
    over(api, "/golden-tests/runs/run_mine")
    again = started(api, **asked)

    assert (first["run_id"], again["status"]) == ("run_mine", "completed")


def test_a_runner_uploads_verdicts(api: httpx.Client) -> None:
    """The run is over with the last one; the same again changes nothing, others are refused."""
    one, two = (golden(api, f"By a runner {n}") for n in (1, 2))
    asked = started(api, test_ids=[one["id"], two["id"]], executor="runner")
    passed = {"test_id": one["id"], "status": "passed", "duration_ms": 7, "cost": 0.5}
    failed = {
        "test_id": two["id"],
        "status": "failed",
        "diff": {"summary": "1 step missing", "steps": [{"op": "missing", "type": "tool_call"}]},
    }

    first = upload(api, asked["run_id"], passed).json()
    second = upload(api, asked["run_id"], passed, failed).json()
    again = upload(api, asked["run_id"], failed)
    other = upload(api, asked["run_id"], passed | {"status": "failed"})

    assert (first["status"], first["pending"]) == ("running", 1)
    assert (second["status"], second["passed"], second["failed"]) == ("completed", 1, 1)
    assert second["total_cost"] == 0.5
    assert second["results"][1]["diff"]["steps"][0]["op"] == "missing"
    assert again.json()["completed_at"] == second["completed_at"]
    assert "over" in problem(other)["message"]


def test_uploads_are_for_runs_and_tests_that_wait_for_them(api: httpx.Client) -> None:
    """Neither for the server's own, nor for tests that are not in the run."""
    test, stranger = golden(api, "Waits"), golden(api, "Stranger")
    verdict = {"test_id": test["id"], "status": "passed"}
    own = run(api, test_ids=[test["id"]])
    asked = started(api, test_ids=[test["id"]], executor="runner")

    assert "server" in problem(upload(api, own["run_id"], verdict))["message"]
    assert problem(upload(api, asked["run_id"], verdict | {"test_id": stranger["id"]}))
    assert problem(upload(api, "run_unknown", verdict), 404)
    assert problem(upload(api, asked["run_id"]))["details"]["field"] == "results"


def test_runs_are_listed_without_their_results(api: httpx.Client) -> None:
    """Newest first, with their counts."""
    test = golden(api, "Listed")
    told = run(api, test_ids=[test["id"]])

    newest = api.get("/golden-tests/runs", params={"limit": 1}).json()["runs"][0]

    assert newest == told | {"results": None}


def test_a_model_nobody_can_ask_is_refused_at_once(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its provider's key, or without a price that a cap could hold."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    test = golden(api, "Refused")

    def refused(model: str) -> str:
        body = {"test_ids": [test["id"]], "modifications": {"model": model}}
        return str(problem(api.post("/golden-tests/run", json=body))["message"])

    assert "OPENAI_API_KEY" in refused("gpt-5")
    monkeypatch.setenv("OPENAI_API_KEY", "any")
    assert "price of somebody-elses-model is unknown" in refused("somebody-elses-model")
