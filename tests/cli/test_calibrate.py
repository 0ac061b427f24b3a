"""`pytest-opswald calibrate`."""

from __future__ import annotations

import pytest

from pytest_opswald.cli import main


def test_the_usual_rules_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    """A coin flip of an agent is green half of the time on one trial, and hardly ever on auto."""
    assert main(["calibrate"]) == 0

    rows = capsys.readouterr().out.splitlines()
    assert rows[0].split("   ")[0] == "true pass rate"
    assert "1 of 1" in rows[0]
    assert "4 of 5" in rows[0]
    assert "auto, at most 20" in rows[0]
    (coin,) = (row for row in rows if row.strip().startswith("50%"))
    assert "50.0%    1.0" in coin
    assert "18.8%    3.5" in coin
    assert "2.5%    6.9" in coin


def test_a_rule_of_ones_own_is_calibrated(capsys: pytest.CaptureFixture[str]) -> None:
    """As it would be given to --opswald-trials."""
    assert main(["calibrate", "9/10"]) == 0

    told = capsys.readouterr().out
    assert "9 of 10" in told
    assert "73.6%    8.8 trials" in told


def test_a_rule_that_can_never_pass_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the smallest one that could."""
    assert main(["calibrate", "6/5"]) == 2

    assert "the smallest rule that could is 6/6" in capsys.readouterr().err
