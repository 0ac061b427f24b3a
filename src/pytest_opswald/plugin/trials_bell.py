"""Hears of trials where the session is judged: its own process's, or those of all workers."""

from __future__ import annotations

from typing import Any

import pytest

_NAME = "opswald-trials-bell"


def listen(config: pytest.Config) -> None:
    """From now on; workers of xdist only report."""
    if not hasattr(config, "workerinput") and not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Bell(config), _NAME)


class Bell:
    """Has the suite built by the first test that was run in trials."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: Any) -> None:
        told = getattr(report, "opswald", {})
        if told.get("trials"):
            from .suite import suite_of

            suite_of(self._config).add(told)
