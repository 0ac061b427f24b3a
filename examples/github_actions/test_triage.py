"""Tickets reach the team that can help; one golden for each ticket."""

import pytest

from agent import Triage, triage


@pytest.mark.parametrize(
    ("ticket", "expected"),
    [
        pytest.param(
            "I was charged twice in May.", Triage(team="billing", urgent=False), id="charged-twice"
        ),
        pytest.param(
            "Nobody here can log in!", Triage(team="engineering", urgent=True), id="no-log-in"
        ),
    ],
)
def test_triage(opswald, ticket, expected):
    assert triage(ticket) == expected
