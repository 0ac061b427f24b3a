"""How often a test is to be run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pytest_opswald.errors import OpswaldError
from pytest_opswald.stats.rules import KOfN, Rule, parse_rule
from pytest_opswald.store.files import load
from pytest_opswald.store.paths import golden_path
from pytest_opswald.trace.outcome import parse_outcome

from .golden_files import GoldenItem
from .names import test_id
from .options import settings_for, takes_part
from .testrun import Place

_TWICE = KOfN(2, 2, curtailed=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """How often one test is run, and what for."""

    rule: Rule
    at: Place
    sampled: bool = False
    """Whether this is a sample for the suite; then one golden does not fail by itself."""
    compared: bool = False
    """Whether the runs are compared with each other."""


def plan_for(item: pytest.Item) -> Plan | None:
    """None where one plain run will do, or says best what is wrong."""
    option = item.config.option
    path = _golden_of(item)
    if path is None:
        return None
    try:
        settings = settings_for(item)
    except OpswaldError:
        return None
    at = Place(item, path, settings)
    if settings.mode == "record" or not at.path.exists():
        return None
    if not settings.spec.modified:
        return Plan(_TWICE, at, compared=True) if option.opswald_verify else None
    if option.opswald_gate or option.opswald_baseline:
        return Plan(_uniform(option.opswald_trials), at, sampled=True)
    rule = settings.trials or _own(at)
    return Plan(rule, at) if rule else None


def _golden_of(item: pytest.Item) -> Path | None:
    """None for a test that has none. A golden that is a test is its own."""
    if isinstance(item, GoldenItem):
        return item.path
    return golden_path(item.path, test_id(item)) if takes_part(item) else None


def _own(at: Place) -> Rule | None:
    """The rule that the expected outcome gives, of the marker or of the golden."""
    given = at.settings.expected_outcome or {}
    try:
        if "trials" in given:
            trials = parse_outcome({"trials": given["trials"]}).trials
        elif b'"trials"' in at.path.read_bytes():
            trials = load(at.path).expected_outcome.trials
        else:
            return None
    except OpswaldError:
        return None
    return parse_rule(trials.rule) if trials else None


def _uniform(said: str | None) -> Rule:
    """As many trials for every golden: what markers ask for would weigh goldens differently."""
    rule = parse_rule(said or 1)
    assert isinstance(rule, KOfN)
    return replace(rule, curtailed=False)
