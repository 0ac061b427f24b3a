"""What tests told goes to the server at the end of the session, from one process of it."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest

from pytest_opswald.errors import OpswaldError
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.store.files import load
from pytest_opswald.sync.asked import asked_run
from pytest_opswald.sync.items import name_of
from pytest_opswald.sync.session import SessionEnd
from pytest_opswald.sync.told import Status, Told

from .golden_files import GoldenItem
from .hooks import RUN
from .options import is_changed, rules_of, settings_for
from .testrun import RecordingRun

TOLD = pytest.StashKey[dict[str, Any]]()


def listen(config: pytest.Config) -> None:
    """Tell from now on; where the session ends, also hear and send. Raises pytest.UsageError."""
    is_worker = hasattr(config, "workerinput")
    if config.option.opswald_run and not is_worker:
        _take_on(config)
    config.pluginmanager.register(_Telling(config), "opswald-telling")
    if not is_worker:
        config.pluginmanager.register(_Sending(config), "opswald-sending")


def _take_on(config: pytest.Config) -> None:
    """Ask what the run wants, and set the options so; workers of xdist get them as they are."""
    if is_changed(config):
        raise pytest.UsageError(
            "--opswald-run says what is changed: leave out other changes, by option, environment "
            "or ini value"
        )
    try:
        asked = asked_run(config.option.opswald_run)
    except OpswaldError as problem:
        raise pytest.UsageError(f"--opswald-run: {problem}") from None
    option = config.option
    option.opswald_replay = True
    option.opswald_asked_tests = dict(asked.tests)
    option.opswald_asked_timeout = asked.timeout
    for name, value in asked.options.items():
        setattr(option, f"opswald_{name}", value)


class _Telling:
    """Puts into the report of a test what the server should know; picks the tests of a run."""

    def __init__(self, config: pytest.Config) -> None:
        self._asked: dict[str, str] | None = getattr(config.option, "opswald_asked_tests", None)
        self._timeout: float | None = getattr(config.option, "opswald_asked_timeout", None)

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if self._asked is None:
            return
        others = [item for item in items if _test_of(item) not in self._asked]
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if _test_of(item) in self._asked]

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
        if self._timeout is not None and call.duration > self._timeout:
            return "timeout"
        if report.passed:
            return "passed"
        judged = (AssertionError, pytest.fail.Exception)
        return "failed" if call.excinfo and isinstance(call.excinfo.value, judged) else "error"


def _test_of(item: pytest.Item) -> str:
    """The name of the golden test that an item replays."""
    return name_of(load(item.path).test if isinstance(item, GoldenItem) else item.nodeid)


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
        return Told(name_of(item.nodeid), str(path))
    return Told.of(
        item.nodeid,
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

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self._end = SessionEnd(
            root=config.rootpath,
            rules=rules_of(config),
            run_id=option.opswald_run or "",
            tests=getattr(option, "opswald_asked_tests", {}),
        )
        self._lines: list[str] = []

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
