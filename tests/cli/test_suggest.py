"""`pytest-opswald suggest`."""

from __future__ import annotations

import json

import pytest

from pytest_opswald.cli import main
from pytest_opswald.diff.compare import compare
from pytest_opswald.store import files

SUGGESTED = {
    "status": "completed",
    "final_message": {"facts": ["19.90"], "min_facts": 0.6},
    "tools": {"required": ["lookup_order", "refund"]},
    "effects": "golden",
    "budgets": {"llm_calls": 5, "steps": 14, "tokens": {"rel": 1.5}, "cost_usd": {"rel": 1.5}},
}


@pytest.mark.usefixtures("folder")
def test_a_contract_is_suggested_to_edit(capsys):
    """Facts of the answer, the tools that told them or acted, effects, and half as much again."""
    code = main(["suggest", "recorded.json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == {"expected_outcome": SUGGESTED}


def test_writing_adds_what_is_missing_and_keeps_what_was_written(folder, capsys):
    """A rule of somebody's own stays word for word, and so does the rest of the file."""
    path = folder / "recorded.json"
    before = path.read_text()
    own = '{"budgets": {"llm_calls": 3}, "status": ["completed", "error"]}'
    path.write_text(before.replace('"expected_outcome": {}', f'"expected_outcome": {own}'))

    main(["suggest", "recorded.json", "--write"])
    main(["suggest", "recorded.json", "--write"])

    golden = files.load(path)
    written = golden.expected_outcome.model_dump(mode="json")
    assert written == {**SUGGESTED, **json.loads(own)}
    assert not compare(golden, golden.trace, profile="exact").failed
    assert path.read_text().partition('"steps"')[2] == before.partition('"steps"')[2]
    assert capsys.readouterr().out == "recorded.json: written\nrecorded.json: nothing to add\n"


@pytest.mark.usefixtures("folder")
def test_a_golden_that_is_not_there_is_an_error(capsys):
    """As for every command."""
    assert main(["suggest", "nowhere.json", "--write"]) == 2
    assert "nowhere.json:1:1: no golden trace" in capsys.readouterr().err
