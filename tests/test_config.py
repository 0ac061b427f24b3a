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
