"""A little of what `make fuzz` does for longer."""

from __future__ import annotations

from tests.server.fuzzing import fuzzed


def test_whatever_is_asked_is_answered_as_documented() -> None:
    """Some for each operation: no 5xx, no undocumented answer."""
    code, said = fuzzed("--phases=fuzzing", "--generation-deterministic", "--max-examples=5")

    assert code == 0, said
