"""The life of one test's run, from its set-up to its report; registered with the first of them."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_opswald.errors import OpswaldError

from .doorbell import listen
from .masking import mask
from .options import settings_for
from .output import AsText
from .testrun import Divergence, TestRun, testrun

RUN = pytest.StashKey[TestRun]()
_NAME = "opswald-runs"


def armed(config: pytest.Config) -> None:
    """Have the hooks below called from now on."""
    listen(config)
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Hooks(), _NAME)


@contextmanager
def begun(item: pytest.Item) -> Iterator[TestRun]:
    """The run of one test, in force from here to the end of the test."""
    armed(item.config)
    run = started(item, optional=False)
    try:
        yield run
    finally:
        run.stop()
        if not run.is_judged:  # the fixture was asked for in mid-test: nobody has judged yet
            judge(item, run)


def started(item: pytest.Item, *, optional: bool) -> TestRun:
    with _told_plainly():
        run = testrun(item, settings_for(item), optional=optional)
        run.start()
    item.stash[RUN] = run
    return run


def judge(item: pytest.Item, run: TestRun) -> None:
    with _told_plainly():
        run.judge()
    item.user_properties += run.properties()
    run.raise_for_verdict()


class Hooks:
    """What happens around a test that has a run."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        run = item.stash.get(RUN, None)
        if run is None and item.config.getini("opswald_auto"):
            run = started(item, optional=True)
        if run and run.missing:
            run.is_judged = True
            pytest.fail(run.missing, pytrace=False)
        try:
            result = yield
        except BaseException as error:
            if run := item.stash.get(RUN, None):
                run.stop()
                if not isinstance(error, pytest.skip.Exception | pytest.xfail.Exception):
                    run.judge_failed_test()
                    item.user_properties += run.properties()
                run.is_judged = True
            raise
        if run := item.stash.get(RUN, None):
            run.stop()
            judge(item, run)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        run = item.stash.get(RUN, None)
        try:
            result = yield
        except BaseException:
            if run:
                run.keep()
            raise
        if run:
            with _told_plainly():
                run.save() if run.has_passed else run.keep()
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        run = item.stash.get(RUN, None)
        if run is None:
            return report
        if call.when == "call":
            # A test has several reports of its call where it has subtests.
            run.has_failed |= report.failed
            run.has_passed = report.passed and not (run.has_failed or hasattr(report, "wasxfail"))
            _explain(report, call, run, item.config)
            if run.kept:
                said = f"the run is kept apart: pytest-opswald show {run.at.typed(run.kept)}"
                report.sections.append(("golden trace", said))
        elif call.when == "teardown" and (told := run.told()):
            report.opswald = told
        mask(report, run.secrets)
        if call.when == "teardown":
            del item.stash[RUN]
        return report


def _explain(report: Any, call: Any, run: TestRun, config: pytest.Config) -> None:
    """Say in the failure what the golden says."""
    if run.summary is None or call.excinfo is None or not report.failed:
        return
    text = AsText(run.summary, config.get_verbosity())
    if isinstance(call.excinfo.value, Divergence):
        report.longrepr = text
    elif hasattr(report.longrepr, "addsection") and run.summary.verdict == "fail":
        report.longrepr.addsection("golden trace", str(text))


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Our own errors carry their own explanation: no traceback of ours on top."""
    try:
        yield
    except OpswaldError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
