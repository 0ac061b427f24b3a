"""The pytest plugin: doorbells only. An idle plugin imports nothing but pytest."""

from __future__ import annotations

from typing import Any

import pytest

from . import options
from .fixtures import opswald, opswald_snapshot

__all__ = ["opswald", "opswald_snapshot"]


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    if config.option.opswald_isolate:
        from .isolated import isolate

        isolate(config)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "opswald(model, temperature, prompt, fork_from_step, expected_outcome, tools, tags, ...): "
        "how this test's golden trace is recorded and replayed.",
    )
    options.check(config)
    config.pluginmanager.register(Doorbell(config), "opswald-doorbell")
    if config.getini("opswald_auto"):
        from .hooks import armed

        armed(config)


class Doorbell:
    """Collects what tests report, on the controller and without xdist alike."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reports: list[Any] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if hasattr(report, "opswald"):
            self._reports.append(report.opswald)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._reports:
            from .output import print_session

            print_session(self._reports, terminalreporter)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and any(r.get("leaks") for r in self._reports):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
