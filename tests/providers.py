"""The local provider in place of the real ones."""

from __future__ import annotations

import pytest

from local_provider import Provider


def point_at(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks into the environment finds this provider."""
    for name, value in provider.variables.items():
        monkeypatch.setenv(name, value)
