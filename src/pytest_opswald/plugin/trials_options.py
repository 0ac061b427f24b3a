"""Options about running a test several times and about judging a suite as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_opswald.stats.rules import Rule


def add(option: Callable[..., Any]) -> None:
    option(
        "--opswald-trials",
        dest="opswald_trials",
        metavar="N|K/N|auto",
        help="Run modified replays several times: K of N must pass, or as many as it takes.",
    )
    option(
        "--opswald-verify",
        action="store_true",
        dest="opswald_verify",
        help="Replay goldens twice, unmodified, and name what differs between the two runs.",
    )
    option(
        "--opswald-baseline",
        action="store_true",
        dest="opswald_baseline",
        help="Keep the verdicts of modified replays as what later sessions are compared with.",
    )
    for value, what in (
        ("", "Judge modified replays as one suite against the baseline, not one by one."),
        ("=strict", "The same, and what cannot be told from chance is red, too."),
    ):
        option(
            f"--opswald-gate{value}",
            action="store_const",
            const=value.lstrip("=") or "on",
            dest="opswald_gate",
            help=what,
        )


def check(config: pytest.Config) -> None:
    """Refuse what contradicts itself or can never pass. Raises pytest.UsageError."""
    option = config.option
    given = [
        f"--opswald-{name}"
        for name in ("trials", "verify", "baseline", "gate")
        if getattr(option, f"opswald_{name}")
    ]
    if given and option.opswald_record:
        raise pytest.UsageError(f"{given[0]} is about replays, it does not go with recording")
    others = [flag for flag in given if flag != "--opswald-verify"]
    if option.opswald_verify and others:
        raise pytest.UsageError(
            f"--opswald-verify replays goldens as they are, {others[0]} is about changed replays; "
            "choose one"
        )
    if said := _said(config):
        _refuse_biased(option, _parsed(*said))


def is_wanted(config: pytest.Config) -> bool:
    """Whether any test may need more than one run, or the session a verdict."""
    option = config.option
    flags = (option.opswald_verify, option.opswald_baseline, option.opswald_gate)
    return any(flags) or _said(config) is not None


def is_judged(config: pytest.Config) -> bool:
    """Whether this process judges the session as a whole."""
    option = config.option
    return bool(option.opswald_gate or option.opswald_baseline) and not hasattr(
        config, "workerinput"
    )


def _said(config: pytest.Config) -> tuple[str, str] | None:
    """Where the number of trials of the whole session is given, and what it is."""
    places = (
        ("--opswald-trials", config.option.opswald_trials),
        ("OPSWALD_TRIALS", os.environ.get("OPSWALD_TRIALS")),
        ("ini opswald_trials", config.getini("opswald_trials")),
    )
    return next(((place, str(value)) for place, value in places if value), None)


def _parsed(place: str, value: str) -> Rule:
    from pytest_opswald.stats.rules import parse_rule

    try:
        return parse_rule(value)
    except ValueError as problem:
        raise pytest.UsageError(f"{place}: {problem}") from None


def _refuse_biased(option: Any, rule: Rule) -> None:
    from pytest_opswald.stats.rules import KOfN

    if (option.opswald_gate or option.opswald_baseline) and not isinstance(rule, KOfN):
        raise pytest.UsageError(
            "--opswald-gate and --opswald-baseline compare pass rates, which trials that stop "
            "early would bias: give a number, --opswald-trials 5"
        )
