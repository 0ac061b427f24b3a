"""What tests told goes to the server at the end of the session, from one process of it."""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import asdict
from typing import Any

import pytest

from pytest_opswald.errors import OpswaldError
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.store.files import load
from pytest_opswald.sync.asked import AskedRun, asked_run
from pytest_opswald.sync.items import name_of
from pytest_opswald.sync.session import SessionEnd
from pytest_opswald.sync.told import Status, Told

from .golden_files import GoldenItem
from .hooks import RUN
from .ini_rules import rules_of
from .names import test_id
from .options import is_changed, settings_for
from .recording_run import RecordingRun

TOLD = pytest.StashKey[dict[str, Any]]()
_ASKED = "opswald_asked"
"""Key under which workers of xdist find what a run asks for."""


def listen(config: pytest.Config) -> None:
    """Tell from now on; where the session ends, also hear and send. Raises pytest.UsageError."""
    worker = getattr(config, "workerinput", None)
    asked = _asked(config) if worker is None else AskedRun(**worker[_ASKED])
    for name, value in asked.options.items():
        setattr(config.option, f"opswald_{name}", value)
    config.pluginmanager.register(_Telling(asked), "opswald-telling")
    if worker is None:
        config.pluginmanager.register(_Sending(config, asked), "opswald-sending")


def _asked(config: pytest.Config) -> AskedRun:
    """What the run on the server wants; nothing without one."""
    run_id = config.option.opswald_run
    if not run_id:
        return AskedRun()
    if is_changed(config):
        raise pytest.UsageError(
            "--opswald-run says what is changed: leave out other changes, by option, environment "
            "or ini value"
        )
    try:
        return asked_run(run_id)
    except OpswaldError as problem:
        raise pytest.UsageError(f"--opswald-run: {problem}") from None


class _Telling:
    """Puts into the report of a test what the server should know; picks the tests of a run."""

    def __init__(self, asked: AskedRun) -> None:
        self._asked = asked

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if not self._asked.run_id:
            return
        others = [item for item in items if _test_of(item) not in self._asked.tests]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if _test_of(item) in self._asked.tests]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        if call.when == "call" and not report.skipped and not hasattr(report, "wasxfail"):
            if told := _told(item, call, self._status(report, call)):
                item.stash[TOLD] = told.plain()
        elif call.when == "teardown" and (kept := item.stash.get(TOLD, None)):
            report.opswald = getattr(report, "opswald", {}) | {"sync": kept}
            del item.stash[TOLD]
        return report

    def _status(self, report: Any, call: pytest.CallInfo[None]) -> Status:
        most = self._asked.timeout
        if most is not None and call.duration > most:
            return "timeout"
        if report.passed:
            return "passed"
        judged = (AssertionError, pytest.fail.Exception)
        return "failed" if call.excinfo and isinstance(call.excinfo.value, judged) else "error"


def _test_of(item: pytest.Item) -> str:
    """The name of the golden test that an item replays."""
    return name_of(load(item.path).test if isinstance(item, GoldenItem) else test_id(item))


def _told(item: pytest.Item, call: pytest.CallInfo[None], status: Status) -> Told | None:
    """None for a test that has nothing to do with goldens."""
    run = item.stash.get(RUN, None)
    if isinstance(item, GoldenItem):
        path, summary, settings = item.path, item.summary, settings_for(item)
        secrets = Secrets(settings.redaction, lambda: dict(os.environ))
    elif run:
        path, summary, settings, secrets = run.at.path, run.summary, run.at.settings, run.secrets
    else:
        return None
    if isinstance(run, RecordingRun):
        return Told(name_of(test_id(item)), str(path))
    return Told.of(
        test_id(item),
        path,
        status=status,
        seconds=call.duration,
        problem=_problem(call),
        summary=summary,
        changes=settings.spec.changes,
        secrets=secrets,
    )


def _problem(call: pytest.CallInfo[None]) -> tuple[str, str] | None:
    if call.excinfo is None:
        return None
    return call.excinfo.typename, str(call.excinfo.value)


class _Sending:
    """Hears all tests, in the one process that hears them all, and sends at the end."""

    def __init__(self, config: pytest.Config, asked: AskedRun) -> None:
        self._asked = asked
        self._end = SessionEnd(
            root=config.rootpath,
            rules=rules_of(config),
            run_id=asked.run_id,
            tests=asked.tests,
        )
        self._lines: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """A worker of xdist starts."""
        node.workerinput[_ASKED] = asdict(self._asked)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if told := getattr(report, "opswald", {}).get("sync"):
            self._end.told.append(Told(**told))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._end.told and not self._end.run_id:
            return
        interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
        try:
            outbox = self._end.keep(is_whole=not interrupted)
            # Who presses Ctrl-C does not wait for a server.
            self._lines += () if interrupted else self._end.send(outbox)
        except Exception as problem:  # whatever it is, no verdict depends on it
            first = (str(problem).splitlines() or [""])[0]
            self._lines.append(f"not sent: {type(problem).__name__}: {first}")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for line in self._lines:
            terminalreporter.write_line(f"opswald: {line}")
