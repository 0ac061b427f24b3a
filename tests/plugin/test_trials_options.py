"""Options about trials that contradict each other or can never pass."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_opswald.plugin import trials_options

NOTHING: dict[str, Any] = {
    "opswald_trials": None,
    "opswald_verify": False,
    "opswald_baseline": False,
    "opswald_gate": None,
    "opswald_record": None,
}


def config(*, ini: str | None = None, **options: Any) -> Any:
    given = {f"opswald_{name}": value for name, value in options.items()}
    return SimpleNamespace(
        option=SimpleNamespace(**{**NOTHING, **given}), getini={"opswald_trials": ini}.get
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (config(trials="6/5"), "--opswald-trials: 6 of 5 .* the smallest rule that could is 6/6"),
        (config(ini="9/5"), "ini opswald_trials: 9 of 5 trials can never pass"),
        (config(trials="many"), "neither a number of trials, nor K/N, nor auto"),
        (config(trials="5", record="missing"), "--opswald-trials is about replays"),
        (config(gate="on", record="all"), "--opswald-gate is about replays"),
        (config(verify=True, trials="5"), "--opswald-trials is about changed replays"),
        (config(verify=True, gate="on"), "--opswald-gate is about changed replays"),
        (config(gate="on", trials="auto"), "give a number, --opswald-trials 5"),
        (config(baseline=True, ini="auto"), "give a number, --opswald-trials 5"),
    ],
)
def test_nonsense_is_refused_before_anything_runs(given: Any, said: str) -> None:
    """With what is wrong and what would do."""
    with pytest.raises(pytest.UsageError, match=said):
        trials_options.check(given)


@pytest.mark.parametrize(
    "given",
    [
        config(),
        config(trials="4/5", gate="on"),
        config(trials="auto"),
        config(verify=True),
        config(baseline=True, gate="strict"),
        config(record="missing"),
    ],
)
def test_sense_is_not_refused(given: Any) -> None:
    """Each alone, and those that belong together."""
    trials_options.check(given)


def test_the_environment_sets_trials_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the flag, above the ini file."""
    monkeypatch.setenv("OPSWALD_TRIALS", "7/5")

    with pytest.raises(pytest.UsageError, match="OPSWALD_TRIALS: 7 of 5"):
        trials_options.check(config(ini="5"))
    assert trials_options.is_wanted(config())
