"""What all documents have in common."""

from __future__ import annotations

from pytest_opswald.trace.replay_spec import ReplaySpec


def test_a_copy_works_out_anew_what_follows_from_its_fields() -> None:
    """The original may have been asked before."""
    unmodified = ReplaySpec()
    assert not unmodified.modified

    assert unmodified.model_copy(update={"fork_from_step": 1}).modified
