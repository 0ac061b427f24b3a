"""Reports hold no secret, whoever put it there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_opswald.plugin.masking import mask
from pytest_opswald.redaction.session import Secrets

KEY = "pk-4Fz9Q2mV7xLr8TnW"


@pytest.mark.parametrize(
    "said",
    [
        {"longrepr": f"sent {KEY}"},
        {"sections": [("Captured stdout call", f"sent {KEY}")]},
        {"user_properties": [("opswald.verdict", "pass"), ("request", f"sent {KEY}")]},
    ],
    ids=["message", "output", "property"],
)
def test_a_value_of_the_environment_is_masked(said: dict[str, Any]) -> None:
    """Even one that was set while the test ran."""
    environment: dict[str, str] = {}
    secrets = Secrets(environment=lambda: dict(environment))
    report = SimpleNamespace(**{"longrepr": None, "sections": [], "user_properties": [], **said})

    environment["PROVIDER_API_KEY"] = KEY
    mask(report, secrets)

    assert KEY not in str(report)
    assert "‹redacted:provider-api-key#1›" in str(report)
