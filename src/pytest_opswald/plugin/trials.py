"""Several runs of one test, one report.

A trial is a run of the test item with fresh function-scoped fixtures; fixtures of wider scopes
live on. pytest, its plugins and xdist see one test that took longer.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pytest_opswald.capture.opened import watch_files
from pytest_opswald.report.summary import Summary
from pytest_opswald.store.trials import are_kept

from .golden_files import GoldenItem
from .hooks import RUN
from .trials_bell import listen
from .trials_plan import plan_for
from .trials_run import Repetition

_NAME = "opswald-trials"


def repeat(config: pytest.Config) -> None:
    """Have tests run as often as their settings say from now on."""
    listen(config)
    watch_files()
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Trials(), _NAME)


class Trials:
    """Takes the place of pytest's own way to run a test where one run is not enough."""

    def __init__(self) -> None:
        self._summary: Summary | None = None
        self._is_interrupted = False

    def pytest_keyboard_interrupt(self) -> None:
        self._is_interrupted = True

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if self._is_interrupted and are_kept(config.rootpath):
            terminalreporter.write_line(
                "opswald: trials that had finished are kept; the same command goes on"
            )

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        plan = plan_for(item)
        if plan is None:
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in Repetition(item, plan, self._taken).reports(nextitem):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        if call.when == "call":
            run = item if isinstance(item, GoldenItem) else item.stash.get(RUN, None)
            self._summary = run.summary if run else None
        return (yield)

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        if report.when == "call" and getattr(report, "opswald_advisory", False):
            return "advisory", "a", ("ADVISORY", {"yellow": True})
        return None

    def _taken(self) -> Summary | None:
        """What the trial that has just ended came to."""
        summary, self._summary = self._summary, None
        return summary
