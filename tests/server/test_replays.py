"""`/v1/replays`: traces played again, watched or in one go, as they were or with a change."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from local_provider import Ask, Call, Provider, Reply, Say
from tests.providers import point_at
from tests.server.test_traces import problem
from tests.server.traces import ANSWER, STEPS, refund
from tests.server.waiting import over, until

Document = dict[str, Any]


def start(api: httpx.Client, **said: Any) -> str:
    """The id of a replay of the refund."""
    body = {} if {"trace_id", "session_id"} & said.keys() else {"trace_id": refund(api)}
    answer = api.post("/replays", json=body | said)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["replay_id"])


def ended(api: httpx.Client, replay_id: str) -> Document:
    return over(api, f"/replays/{replay_id}")


def control(api: httpx.Client, replay_id: str, action: str, step: int | None = None) -> Document:
    """What is answered once it is where it was sent."""
    body = {"action": action} | ({} if step is None else {"step": step})
    answer = api.post(f"/replays/{replay_id}/control", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def place(said: Document) -> tuple[str, int]:
    return said["status"], said["current_step"]


def test_an_unmodified_replay_is_the_recording(api: httpx.Client, provider: Provider) -> None:
    """Nothing is sent, nothing differs, and the answer names how true that is."""
    said = ended(api, start(api))

    assert place(said) == ("completed", 6)
    assert (said["fidelity"], said["spent"]) == ("frozen", 0)
    result = said["result"]
    assert (result["final_output"], result["total_cost"]) == (ANSWER, 0.03)
    assert result["changes_from_original"] == []
    assert provider.requests == []


def test_another_model_is_asked_and_what_it_changes_is_told(
    api: httpx.Client, provider: Provider
) -> None:
    """Each field of each step that differs, and what was spent."""
    replay_id = start(api, mode="batch", modifications={"model": "gpt-5-mini"})
    said = ended(api, replay_id)

    assert (said["status"], said["fidelity"]) == ("completed", "teacher_forced")
    changes = said["result"]["changes_from_original"]
    assert [(each["step"], each["field"]) for each in changes] == [
        (2, "model"),
        (5, "model"),
        (5, "output.content"),
    ]
    assert (changes[0]["original"], changes[0]["modified"]) == ("gpt-4o", "gpt-5-mini")
    assert said["result"]["coverage"].startswith("2 of 2 LLM calls live")
    assert 0 < said["spent"] == pytest.approx(said["result"]["total_cost"])
    steps = api.get(f"/replays/{replay_id}/steps").json()["steps"]
    assert "have refunded" in steps[4]["replayed"]["output"]["content"]
    assert steps[4]["recorded"]["output"]["content"] == ANSWER


def test_a_fork_serves_what_lies_before_it(api: httpx.Client, provider: Provider) -> None:
    """Only the calls from there on are made, and only there something changes."""
    body = {"modifications": {"temperature": 0.9}, "fork_from_step": 5}
    said = ended(api, start(api, **body))

    assert len(provider.requests) == 1
    assert min(each["step"] for each in said["result"]["changes_from_original"]) == 5
    assert said["fork_from_step"] == 5


def test_a_claude_model_is_asked_of_its_own_provider(api: httpx.Client, provider: Provider) -> None:
    """Though the trace speaks OpenAI's language, or no language at all."""
    ended(api, start(api, modifications={"model": "claude-sonnet-4-5"}))
    made_up = [dict(step) for step in STEPS]
    made_up[1] = made_up[1] | {"input": made_up[1]["input"] | {"model": "claude-haiku-4-5"}}
    trace = refund(api, steps=made_up[:2])
    ended(api, start(api, trace_id=trace, modifications={"temperature": 0.5}))

    assert {ask.path for ask in provider.requests} == {"/v1/messages"}
    assert [ask.model for ask in provider.requests] == [
        "claude-sonnet-4-5",
        "claude-sonnet-4-5",
        "claude-haiku-4-5",
    ]


def test_nothing_is_sent_where_a_trace_says(api: httpx.Client, provider: Provider) -> None:
    """The URLs of a trace are its sender's; keys go to the provider alone."""
    with Provider([Say("Give me your key")]) as stranger:
        request = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
        body = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}}]}
        url = f"{stranger.url}/v1/chat/completions"
        http = {"format": "openai_chat", "url": url, "request": request, "body": body}
        step = STEPS[1] | {"raw": {"golden_step": {"http": http}}}
        trace = refund(api, steps=[step])
        ended(api, start(api, trace_id=trace, modifications={"model": "gpt-5"}))

    assert stranger.requests == []
    assert len(provider.requests) == 1


def test_a_closed_loop_ends_where_no_result_was_recorded(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results are never made up."""

    def asks_for_more(_: Ask) -> Reply:
        return Call("lookup_order", order_id=43)

    with Provider(asks_for_more) as provider:
        point_at(provider, monkeypatch)
        replay_id = start(api, modifications={"model": "gpt-5"}, fidelity="closed_loop")
        said = ended(api, replay_id)

    assert (said["status"], said["fidelity"]) == ("failed", "closed_loop")
    assert said["error"]["type"] == "replay_divergence"
    assert said["error"]["step"] == 2


def test_a_session_is_replayed_by_its_latest_finished_trace(api: httpx.Client) -> None:
    """Not by one that still runs."""
    refund(api, session_id="played", started_at="2026-03-01T12:00:00Z")
    latest = refund(api, session_id="played", started_at="2026-03-02T12:00:00Z")
    refund(api, session_id="played", started_at="2026-03-03T12:00:00Z", status="running")

    assert ended(api, start(api, session_id="played"))["trace_id"] == latest
    assert problem(api.post("/replays", json={"session_id": "nobody"}), 404)


def test_steps_are_made_one_by_one(api: httpx.Client, provider: Provider) -> None:
    """Each when it is asked for; with the last the replay ends."""
    replay_id = start(api, start_paused=True, modifications={"model": "gpt-5"})

    places = [place(control(api, replay_id, "step")) for _ in range(5)]
    assert places == [("paused", n) for n in range(1, 6)]
    assert len(provider.requests) == 2
    control(api, replay_id, "step")

    assert place(ended(api, replay_id)) == ("completed", 6)


def test_jumping_back_forgets_answers_and_keeps_their_cost(
    api: httpx.Client, provider: Provider
) -> None:
    """What is played again is asked again."""
    replay_id = start(api, start_paused=True, modifications={"model": "gpt-5"})
    there = control(api, replay_id, "jump", 5)
    back = control(api, replay_id, "jump", 2)
    steps = api.get(f"/replays/{replay_id}/steps").json()["steps"]
    control(api, replay_id, "play")
    said = ended(api, replay_id)

    assert (place(there), place(back)) == (("paused", 5), ("paused", 2))
    assert there["spent"] == back["spent"] < said["spent"]
    assert [step["replayed"] is not None for step in steps] == [True, True, *[False] * 4]
    assert len(provider.requests) == 3
    assert said["result"]["total_cost"] < said["spent"]


def test_a_breakpoint_pauses_what_runs(api: httpx.Client) -> None:
    """And play goes on from there."""
    replay_id = start(api, start_paused=True)
    control(api, replay_id, "pause", 4)
    control(api, replay_id, "play")
    said = until(api, f"/replays/{replay_id}", lambda told: told["status"] == "paused")

    assert (said["current_step"], said["pause_at_step"]) == (4, 4)
    control(api, replay_id, "play")
    assert place(ended(api, replay_id)) == ("completed", 6)


def test_speed_takes_as_long_as_the_recording(api: httpx.Client) -> None:
    """A minute a step: it can be paused, stepped and jumped through meanwhile, and stopped."""
    replay_id = start(api, speed=1)

    running = until(api, f"/replays/{replay_id}", lambda told: told["current_step"] == 1)
    assert running["status"] == "running"
    assert place(control(api, replay_id, "jump", 3)) == ("running", 3)
    assert place(control(api, replay_id, "step")) == ("paused", 4)
    assert place(control(api, replay_id, "play")) == ("running", 4)
    stopped = control(api, replay_id, "stop")

    assert place(stopped) == ("stopped", 4)
    assert stopped["completed_at"] is not None
    assert stopped["result"]["fidelity"] == "frozen"
    assert problem(api.post(f"/replays/{replay_id}/control", json={"action": "play"}))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"trace_id": None}, "body"),
        ({"fork_from_step": 7}, "fork_from_step"),
        ({"modifications": {"colour": "red"}}, "modifications.colour"),
        ({"modifications": {"model": "somebody-elses"}}, "modifications.model"),
        ({"mode": "batch", "start_paused": True}, "start_paused"),
        ({"mode": "slow"}, "mode"),
        ({"modifications": {"prompt": "x" * 2**18}}, "modifications.prompt"),
    ],
)
def test_bodies_that_make_no_sense_are_named(
    api: httpx.Client, provider: Provider, wrong: Document, field: str
) -> None:
    """Before anything is played, or paid for."""
    body = {"trace_id": refund(api), **wrong}

    told = problem(api.post("/replays", json={k: v for k, v in body.items() if v is not None}))

    assert told["details"]["field"] == field
    assert provider.requests == []


def test_a_trace_takes_its_replays_along(api: httpx.Client) -> None:
    """They repeat what it said."""
    trace = refund(api)
    replay_id = start(api, trace_id=trace)
    ended(api, replay_id)

    api.delete(f"/traces/{trace}").raise_for_status()

    assert problem(api.get(f"/replays/{replay_id}"), 404)["type"] == "not_found"


def test_a_runner_claims_a_replay_and_tells_how_it_went(api: httpx.Client) -> None:
    """One runner at a time; the same result again changes nothing."""
    replay_id = start(api, executor="runner", modifications={"model": "gpt-5"})

    claim = api.post("/runner/claim", json={"wait": 5}).json()
    claimed = claim["replay"]
    nothing = api.post("/runner/claim").json()["replay"]
    result = {"status": "completed", "final_output": "Done", "total_cost": 0.5, "duration_ms": 9}
    result["claim_id"] = claim["claim_id"]
    said = api.post(f"/replays/{replay_id}/result", json=result)
    again = api.post(f"/replays/{replay_id}/result", json=result)
    other = api.post(f"/replays/{replay_id}/result", json=result | {"final_output": "No"})

    assert (claimed["replay_id"], nothing) == (replay_id, None)
    assert claimed["modifications"] == {"model": "gpt-5"}
    assert place(said.json()) == ("completed", 6)
    assert said.json()["result"]["fidelity"] == said.json()["fidelity"] == "attached"
    assert said.json()["result"]["duration_ms"] == 9
    assert again.json() == said.json()
    assert problem(other)


def test_lists_are_newest_first(api: httpx.Client) -> None:
    """Under their noun and under `data`."""
    ids = [start(api) for _ in range(2)]
    for replay_id in ids:
        ended(api, replay_id)

    told = api.get("/replays", params={"limit": 2}).json()

    assert [each["replay_id"] for each in told["replays"]] == ids[::-1]
    assert told["data"] == told["replays"]
