"""Settings as users write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald.config import flags, settings
from pytest_opswald.errors import InvalidSetting


@pytest.mark.parametrize(
    ("written", "meant"), [("0", 0.0), ("0.5", 0.5), ("none", "none"), ("None", "none")]
)
def test_a_temperature_is_a_number_or_none(written: str, meant: object) -> None:
    """`none` takes it away, which is a change like any other."""
    spec = settings(
        [flags({"temperature": written}, Path())], mode="replay", rewrite="missing"
    ).spec

    assert spec.changes.temperature == meant
    assert spec.modified


def test_another_word_is_no_temperature() -> None:
    """It says where it was given."""
    with pytest.raises(InvalidSetting, match="--opswald-temperature: 'warm' is not a number"):
        settings([flags({"temperature": "warm"}, Path())], mode="replay", rewrite="missing")


@pytest.mark.parametrize(
    "written",
    ["big=b2,small=s2", "big=b2\nsmall=s2", ["big=b2", "small=s2"], {"big": "b2", "small": "s2"}],
)
def test_several_models_may_be_changed_at_once(written: object) -> None:
    """However a command line, a variable, an ini file or a marker tells more than one."""
    spec = settings([flags({"model": written}, Path())], mode="replay", rewrite="missing").spec

    assert spec.changes.model_map == {"big": "b2", "small": "s2"}


def test_a_model_that_is_changed_twice_over_is_refused() -> None:
    """A missing comma is no name of a model."""
    with pytest.raises(InvalidSetting, match="neither NEW nor OLD=NEW"):
        settings([flags({"model": "big=b2=s2"}, Path())], mode="replay", rewrite="missing")
