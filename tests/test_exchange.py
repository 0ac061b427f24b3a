"""Plain data of HTTP."""

from __future__ import annotations

import pytest

from pytest_opswald.exchange import is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("app.localhost", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(host: str, here: bool) -> None:
    """What keys are sent to in plain, and who needs none."""
    assert is_loopback(host) is here
