"""`pytest-opswald diff`."""

from __future__ import annotations

import pytest

from pytest_opswald.cli import main

pytestmark = pytest.mark.usefixtures("folder")


def test_equal_goldens_are_exit_code_0(capsys):
    """One line says so."""
    assert main(["diff", "recorded.json", "recorded.json"]) == 0
    assert capsys.readouterr().out == "✓ recorded.json: 9 steps as recorded\n"


def test_different_goldens_are_exit_code_1(capsys):
    """With what differs first, and no command: there is nothing to accept."""
    code = main(["diff", "recorded.json", "changed.json"])

    told = capsys.readouterr().out
    assert code == 1
    assert told.startswith("✗ changed.json differs from recorded.json: 2 steps changed\n")
    assert "6 ~ tool_call    refund(order_id=42, amount=[19.9 → 25.0])\n" in told
    assert "pytest " not in told


@pytest.mark.parametrize(("flag", "lines"), [("-q", 1), ("-v", 21)], ids=["quiet", "verbose"])
def test_flags_say_how_much_is_shown(flag, lines, capsys):
    """From the verdict alone to every step."""
    main(["diff", flag, "recorded.json", "changed.json"])

    assert capsys.readouterr().out.count("\n") == lines
