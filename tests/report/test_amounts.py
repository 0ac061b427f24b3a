"""Numbers in words."""

from __future__ import annotations

import pytest

from pytest_opswald.report.amounts import dollars


@pytest.mark.parametrize(
    ("usd", "said"),
    [
        (0.41, "$0.41"),
        (1234.5, "$1,234.50"),
        (0.00012345, "$0.00012"),
        (0.05, "$0.05"),
        (0, "$0.00"),
    ],
)
def test_small_amounts_keep_two_digits_that_say_something(usd, said):
    """A run of a few tokens is not free."""
    assert dollars(usd) == said
