"""The life of one test's run, from its set-up to its report; registered with the first of them."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pytest_opswald.config import Settings
from pytest_opswald.errors import OpswaldError
from pytest_opswald.store import files
from pytest_opswald.store.paths import golden_path

from .doorbell import listen
from .masking import mask
from .names import test_id
from .options import is_optional, settings_for, takes_part
from .output import AsText
from .recording_run import RecordingRun, VariantRun
from .replay_run import MissingRun, ReplayRun
from .shown import mask_beside
from .testrun import Divergence, Place, TestRun

RUN = pytest.StashKey[TestRun]()
_NAME = "opswald-runs"


def armed(config: pytest.Config) -> None:
    """Have the hooks below called from now on."""
    listen(config)
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Hooks(), _NAME)


@contextmanager
def begun(item: pytest.Item) -> Iterator[TestRun]:
    """The run of one test, which has begun with its set-up, or begins here."""
    run = item.stash.get(RUN, None)
    if run is None:  # the fixture was asked for in passing: nobody knew of it before
        armed(item.config)
        run = started(item, optional=False)
    try:
        yield run
    finally:
        run.end()
        if not run.is_judged:  # it was asked for in mid-test: nobody has judged yet
            judge(item, run)


def started(item: pytest.Item, *, optional: bool) -> TestRun:
    with _told_plainly():
        run = _run_for(item, settings_for(item), optional=optional)
        mask_beside(item, run.secrets)
        run.phases.start()
    item.stash[RUN] = run
    return run


def _run_for(item: pytest.Item, settings: Settings, *, optional: bool) -> TestRun:
    """The run that the settings ask for. Raises GoldenError, InvalidSetting.

    An optional run belongs to a test that may make no LLM call at all (`opswald_auto`).
    """
    at = Place(item, golden_path(item.path, test_id(item)), settings)
    exists = at.path.exists()
    if settings.mode == "record" and (settings.rewrite != "missing" or not exists):
        another = exists and settings.rewrite == "variant"
        return (VariantRun if another else RecordingRun)(at, optional=optional)
    if not os.path.lexists(at.path):  # a link that leads nowhere is told as what it is
        return MissingRun(at, optional=optional)
    return ReplayRun(at, files.load(at.path, test=at.test))


def judge(item: pytest.Item, run: TestRun) -> None:
    with _told_plainly():
        run.judge()
    item.user_properties += run.properties()
    run.raise_for_verdict()


class Hooks:
    """What happens around a test that has a run."""

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin, once marks that skip the test have been heard, and before any fixture."""
        if takes_part(item):
            started(item, optional=is_optional(item))

    @pytest.hookimpl(specname="pytest_runtest_setup", wrapper=True)
    def pytest_runtest_setup_ends(self, item: pytest.Item) -> Generator[None, Any, Any]:
        try:
            result = yield
        except BaseException as error:
            if (run := item.stash.get(RUN, None)) and not run.story.trace.steps:
                run.end()
                run.is_judged = True  # nothing was asked: the golden has nothing to say about it
            else:
                _broken_off(item, error)
            raise
        if run := item.stash.get(RUN, None):
            run.phases.leave_with(item)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, Any, Any]:
        item = request._pyfuncitem
        run = item.stash.get(RUN, None)
        if run is None:
            return (yield)
        run.phases.leave_with(item)
        with run.phases.aside(fixturedef):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if run := item.stash.get(RUN, None):
            if run.missing:
                run.is_judged = True
                pytest.fail(run.missing, pytrace=False)
            run.phases.enter_body()
        try:
            result = yield
        except BaseException as error:
            _broken_off(item, error)
            raise
        if run := item.stash.get(RUN, None):
            run.end()
            judge(item, run)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        run = item.stash.get(RUN, None)
        if run is None:
            return (yield)
        try:
            with run.phases.teardown():
                result = yield
        except BaseException:
            run.keep()
            raise
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
        if call.when != "teardown":
            _explain(report, call, run, item.config)
            if run.kept:
                said = f"the run is kept apart: pytest-opswald show {run.at.typed(run.kept)}"
                report.sections.append(("golden trace", said))
        elif told := run.told():
            report.opswald = told
        mask(report, run.secrets)
        if call.when == "teardown":
            del item.stash[RUN]
        return report


def _broken_off(item: pytest.Item, error: BaseException) -> None:
    """The test has ended in mid-course, by a failure or a skip."""
    if run := item.stash.get(RUN, None):
        run.end()
        run.is_judged = True
        if not isinstance(error, pytest.skip.Exception | pytest.xfail.Exception):
            with _told_plainly():
                run.judge_failed_test()
            item.user_properties += run.properties()


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
