"""JSON Schemas that an expected outcome names by their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_opswald.errors import UnusableRule
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import ExpectedOutcome, parse_outcome


def with_schemas(golden: Golden, folder: Path) -> Golden:
    """The golden to judge by, files read; paths are seen from `folder`. It is not to be written.

    Raises UnusableRule for a file that cannot be read or holds no JSON.
    """
    outcome = golden.expected_outcome
    written = outcome.model_dump(mode="json")
    found = [rule for rule in _rules(outcome, written) if isinstance(rule.get("json_schema"), str)]
    for rule in found:
        rule["json_schema"] = _read(folder / rule["json_schema"])
    return (
        golden.model_copy(update={"expected_outcome": parse_outcome(written)}) if found else golden
    )


def _rules(outcome: ExpectedOutcome, written: dict[str, Any]) -> list[dict[str, Any]]:
    message = written.get("final_message")
    return [
        *([message] if isinstance(message, dict) else []),
        *([written["output"]] if outcome.output_schema is not None else []),
    ]


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as problem:
        raise UnusableRule(
            f"expected_outcome names the JSON Schema {path}, which cannot be read: {problem}"
        ) from None
