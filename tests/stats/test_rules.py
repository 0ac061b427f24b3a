"""When trials are enough."""

from __future__ import annotations

import itertools

import pytest

from pytest_opswald.stats.calibration import chances
from pytest_opswald.stats.rules import KOfN, Rule, Sprt, parse_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1", KOfN(1, 1)),
        ("2", KOfN(2, 2)),
        ("5", KOfN(4, 5)),
        (5, KOfN(4, 5)),
        ("10", KOfN(8, 10)),
        ("15", KOfN(12, 15)),
        ("3/7", KOfN(3, 7)),
        ("auto", Sprt()),
    ],
)
def test_rules_are_read_as_they_are_typed(text: object, rule: Rule) -> None:
    """A bare number needs four fifths of it, rounded up."""
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("6/5", "6 of 5 trials can never pass; the smallest rule that could is 6/6"),
        ("0", "asks for nothing"),
        ("0/3", "asks for nothing"),
        ("-3", "asks for nothing"),
        ("five", "'five' is neither a number of trials, nor K/N, nor auto"),
        ("4/", "neither a number"),
        ("", "neither a number"),
        ("4000", "more than 1000"),
    ],
)
def test_rules_that_make_no_sense_are_refused(text: str, said: str) -> None:
    """With what would make sense."""
    with pytest.raises(ValueError, match=said):
        parse_rule(text)


@pytest.mark.parametrize("rule", [KOfN(4, 5), KOfN(1, 3), KOfN(3, 3), KOfN(7, 10)], ids=str)
def test_stopping_early_never_changes_the_verdict(rule: KOfN) -> None:
    """Whatever order trials pass and fail in, the curtailed verdict is that of all trials."""
    whole = KOfN(rule.need, rule.of, curtailed=False)
    for ways in itertools.product((True, False), repeat=rule.of):
        early = next(v for v in _verdicts(rule, ways) if v)

        assert early == next(v for v in _verdicts(whole, ways) if v)


def test_all_trials_are_run_where_a_rate_is_wanted() -> None:
    """Not curtailed means to the end, sure or not."""
    rule = KOfN(4, 5, curtailed=False)

    assert rule.decided(4, 0) is None
    assert rule.decided(0, 4) is None
    assert rule.decided(4, 1) == "pass"


@pytest.mark.parametrize(
    ("passes", "fails", "verdict"),
    [(5, 0, None), (6, 0, "pass"), (0, 2, None), (0, 3, "fail"), (8, 1, None), (9, 1, "pass")],
)
def test_the_sequential_test_stops_at_its_bounds(
    passes: int, fails: int, verdict: str | None
) -> None:
    """Six passes in a row are enough, and so are three failures."""
    assert Sprt().decided(passes, fails) == verdict


def test_the_sequential_test_knows_after_its_last_trial() -> None:
    """Cut off, it says which of the two rates is likelier."""
    assert {Sprt().decided(passes, 20 - passes) for passes in range(21)} == {"pass", "fail"}


@pytest.mark.parametrize("rule", [KOfN(4, 5), KOfN(2, 7), Sprt(most=9)], ids=str)
@pytest.mark.parametrize("rate", [0.0, 0.3, 0.75, 1.0])
def test_chances_are_those_of_all_ways_trials_can_go(rule: Rule, rate: float) -> None:
    """Probabilities and mean length agree with the sum over every sequence."""
    green = length = 0.0
    for ways in itertools.product((True, False), repeat=rule.most):
        weight = rate ** sum(ways) * (1 - rate) ** (rule.most - sum(ways))
        verdicts = list(_verdicts(rule, ways))
        stop = next(i for i, verdict in enumerate(verdicts) if verdict)
        green += weight * (verdicts[stop] == "pass")
        length += weight * (stop + 1)

    found = chances(rule, rate)

    assert found.green == pytest.approx(green)
    assert found.red == pytest.approx(1 - green)
    assert found.trials == pytest.approx(length)


@pytest.mark.parametrize(
    ("text", "rate", "green"),
    [("5", 0.5, 0.19), ("auto", 0.5, 0.03), ("auto", 0.95, 1.0), ("auto", 0.9, 0.95)],
)
def test_chances_of_the_rules_we_recommend(text: str, rate: float, green: float) -> None:
    """What the documentation promises, to the percent."""
    assert round(chances(parse_rule(text), rate).green, 2) == green


def test_a_sequential_test_keeps_its_promises() -> None:
    """A good agent is failed in 5% of all cases at most, a bad one passed in 10%."""
    rule = Sprt()

    assert chances(rule, rule.good).red <= rule.alpha
    assert chances(rule, rule.bad).green <= rule.beta


def _verdicts(rule: Rule, ways: tuple[bool, ...]) -> list[str | None]:
    """What the rule says after each trial."""
    passes = list(itertools.accumulate(ways))
    return [rule.decided(passed, n - passed) for n, passed in enumerate(passes, start=1)]
