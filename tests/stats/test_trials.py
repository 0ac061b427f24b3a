"""What trials come to under a rule."""

from __future__ import annotations

import pytest

from pytest_opswald.stats.rules import KOfN, parse_rule
from pytest_opswald.stats.trials import Ended, Tally, Trial

ENDED: dict[str, Ended] = {".": "pass", "x": "fail", "!": "infra"}


def tally(story: str, rule: str = "5", **last: tuple[str, ...]) -> Tally:
    """Trials as one writes them: `.` passed, `x` failed, `!` lost to the provider."""
    trials = [Trial(ENDED[letter]) for letter in story]
    if last:
        trials.append(Trial("pass", **last))
    return Tally(parse_rule(rule), trials)


@pytest.mark.parametrize(
    ("story", "rule", "verdict"),
    [
        ("", "5", None),
        ("...", "5", None),
        ("....", "5", "pass"),
        (".x.x", "5", "fail"),
        ("!....", "5", "pass"),
        ("!!", "5", "inconclusive"),
        ("!", "1", None),
        ("!.", "1", "pass"),
        ("!!", "1", "inconclusive"),
        ("!!......", "auto", "inconclusive"),
        ("!......", "auto", "pass"),
        ("!!!!!!", "auto", "inconclusive"),
        ("!!!!!", "auto", None),
    ],
)
def test_infra_errors_count_for_nothing_until_they_are_too_many(
    story: str, rule: str, verdict: str | None
) -> None:
    """One is forgiven; beyond a fifth of all runs nothing is concluded."""
    assert tally(story, rule).verdict == verdict


def test_a_single_breach_fails_whatever_the_other_trials_say() -> None:
    """What must never happen has happened."""
    found = tally("....", breaches=("tools.forbidden",))

    assert found.verdict == "fail"
    assert found.breaches == ("tools.forbidden",)


@pytest.mark.parametrize(
    ("story", "missing"),
    [("....", 0), ("xx", 0), ("", 2), ("..", 2), ("x", 1), ("!!", 8), ("!!...", 5)],
)
def test_how_many_more_trials_a_verdict_takes(story: str, missing: int) -> None:
    """At least: until the rule could end, and until infra errors are a fifth of all runs."""
    assert tally(story).missing == missing


def test_a_rate_counts_valid_trials_only() -> None:
    """Runs that were lost are neither passed nor failed."""
    found = Tally(KOfN(4, 5), [Trial("pass"), Trial("infra"), Trial("fail")])

    assert (found.passes, found.fails, found.infra, found.valid) == (1, 1, 1, 2)
