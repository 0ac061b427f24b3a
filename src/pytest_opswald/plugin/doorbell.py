"""What tests told, collected for the end of the session."""

from __future__ import annotations

from typing import Any

import pytest

_NAME = "opswald-doorbell"


def listen(config: pytest.Config) -> None:
    """Collect from now on, if that has not begun."""
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Doorbell(), _NAME)


class Doorbell:
    """Hears the reports of tests: its own process's, or those of all workers of xdist."""

    def __init__(self) -> None:
        self._told: list[Any] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if hasattr(report, "opswald"):
            self._told.append(report.opswald)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._told:
            from .output import print_session

            print_session(self._told, terminalreporter)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and self._is_red():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _is_red(self) -> bool:
        """Whether something is wrong with the session that no test is red for."""
        if not self._told:
            return False
        from .output import has_tried_nothing

        return any(told.get("leaks") for told in self._told) or has_tried_nothing(self._told)
