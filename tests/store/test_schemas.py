"""JSON Schemas in files of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_opswald.errors import UnusableRule
from pytest_opswald.store.schemas import with_schemas
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import parse_outcome

SCHEMA = {"type": "object"}


def golden() -> Golden:
    written = {
        "final_message": {"contains": "x", "json_schema": "said.json"},
        "output": {"match": {"a": 1}, "json_schema": "./made.json"},
    }
    return Golden(name="g", test="t", expected_outcome=parse_outcome(written))


def test_files_are_read_from_the_golden_s_folder(tmp_path: Path) -> None:
    """For judging: what was written stays as it is, and so does all else."""
    for name in ("said", "made"):
        (tmp_path / f"{name}.json").write_text(json.dumps(SCHEMA))
    written = golden()

    judged = with_schemas(written, tmp_path).expected_outcome

    assert judged.output_schema == SCHEMA
    assert judged.model_dump(mode="json")["final_message"] == {
        "contains": "x",
        "json_schema": SCHEMA,
    }
    assert judged.expected_output == {"a": 1}
    assert written == golden()


@pytest.mark.parametrize("content", [None, "{"], ids=["missing", "no JSON"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    """With its path."""
    if content:
        (tmp_path / "said.json").write_text(content)

    with pytest.raises(UnusableRule, match=r"said\.json, which cannot be read"):
        with_schemas(golden(), tmp_path)


def test_without_files_there_is_nothing_to_do(tmp_path: Path) -> None:
    """The same golden."""
    plain = Golden(
        name="g", test="t", expected_outcome=parse_outcome({"output": {"json_schema": {}}})
    )

    assert with_schemas(plain, tmp_path) is plain
