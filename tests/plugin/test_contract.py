"""Profiles and variants, end to end."""

from __future__ import annotations

import json

from local_provider import Ask, Call, Reply, Say
from tests.agents import refund_model
from tests.language import Project


def _careful(ask: Ask) -> Reply:
    """Looks the order up alone, refunds half."""
    if not ask.results:
        return Call("lookup_order", order_id=42)
    if len(ask.results) == 1:
        return Call("refund", order_id=42, amount=9.95)
    return Say("Refunded half of order 42: 9.95 EUR.")


def test_another_accepted_run_is_kept_as_a_variant(recorded: Project) -> None:
    """Both runs hold, live and unmodified; a run that is accepted already is not kept twice."""
    (golden,) = recorded.golden_paths
    before = golden.read_bytes()
    recorded.talk(_careful)
    refused = recorded.run("--opswald-model", "gpt-5.2-mini")

    for _ in range(2):
        accepted = recorded.run("--opswald-record=variant")
        assert accepted.outcomes == {"passed": 1}, accepted.report
    live = recorded.run("--opswald-model", "gpt-5.2-mini")
    recorded.talk(refund_model)
    first = recorded.run("--opswald-model", "gpt-5.2-mini")
    unmodified = recorded.run()

    assert refused.outcomes == {"failed": 1}
    assert [path.name for path in recorded.golden_paths] == [
        f"{golden.stem}.json",
        f"{golden.stem}.variant-2.json",
    ]
    assert golden.read_bytes() == before
    for run in (live, first, unmodified):
        assert run.outcomes == {"passed": 1}, run.report
        assert run.tool_calls == 0


def test_a_variant_meets_what_was_written_by_hand(recorded: Project) -> None:
    """A run that breaks an expectation is no other way to do it."""
    (path,) = recorded.golden_paths
    golden = json.loads(path.read_text())
    golden["expected_outcome"]["final_message"] = {"contains": "19.9"}
    path.write_text(json.dumps(golden))
    recorded.talk(_careful)

    run = recorded.run("--opswald-record=variant")

    assert "does not meet its expected_outcome" in run.report
    assert recorded.golden_paths == [path]


def test_an_unmodified_replay_may_be_judged_by_its_contract(recorded: Project) -> None:
    """Another way to the same effects is green where the golden or the command asks for that."""
    recorded.edit("agent.py", "You help customers of a book shop.", "You help readers.")
    (path,) = recorded.golden_paths

    exact = recorded.run()
    asked = recorded.run("--opswald-profile=contract")
    golden = json.loads(path.read_text())
    golden["expected_outcome"]["profile"] = "contract"
    path.write_text(json.dumps(golden))
    written = recorded.run()

    assert exact.outcomes == {"failed": 1}
    assert asked.outcomes == {"passed": 1}, asked.report
    assert written.outcomes == {"passed": 1}, written.report


def test_rules_are_judged_and_survive_a_new_recording(recorded: Project) -> None:
    """Required and forbidden tools, invariants and looked-at effects stay where they were written."""
    (path,) = recorded.golden_paths
    golden = json.loads(path.read_text())
    golden["effects"]["refund"] = "idempotent_write"
    golden["expected_outcome"] |= {
        "tools": {
            "required": [{"name": "refund", "args": {"amount": {"$lte": 20}}, "times": 1}],
            "forbidden": ["delete_*"],
        },
        "invariants": [
            {"forall": {"effect": "write"}, "requires_before": {"tool": "lookup_order"}}
        ],
    }
    path.write_text(json.dumps(golden))

    rerecorded = recorded.run("--opswald-record=all")
    kept = json.loads(path.read_text())
    kept["expected_outcome"]["tools"]["forbidden"] = ["get_*"]
    path.write_text(json.dumps(kept))
    forbidden = recorded.run()

    assert rerecorded.outcomes == {"passed": 1}, rerecorded.report
    assert kept["effects"] == {
        "get_policy": "read (guessed)",
        "lookup_order": "read (guessed)",
        "refund": "idempotent_write",
    }
    assert forbidden.outcomes == {"failed": 1}
    assert "tools.forbidden" in forbidden.report


def test_a_rule_that_cannot_be_judged_is_red_and_says_why(recorded: Project) -> None:
    """Never a silent pass, and no traceback of ours."""
    (golden,) = recorded.golden_paths
    own = '"expected_outcome": {"output": {"$py": "nowhere:anything"}, '
    recorded.edit(f"goldens/{golden.name}", '"expected_outcome": {', own)

    run = recorded.run()

    assert run.outcomes == {"failed": 1}, run.report
    assert '{"$py": "nowhere:anything"}: No module named \'nowhere\'' in run.report
    assert "Traceback" not in run.report
