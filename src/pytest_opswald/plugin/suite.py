"""What all trials of a session say together; on the controller, or without xdist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.errors import OpswaldError
from pytest_opswald.report.paper import Paper
from pytest_opswald.report.suite import render
from pytest_opswald.stats.suite import Pair, SuiteVerdict, judge
from pytest_opswald.store import baselines, trials
from pytest_opswald.store.baselines import Sample

_NAME = "opswald-suite"


def suite_of(config: pytest.Config) -> Suite:
    """The one of this session, registered when first asked for."""
    suite = config.pluginmanager.get_plugin(_NAME)
    if suite is None:
        suite = Suite(config)
        config.pluginmanager.register(suite, _NAME)
    assert isinstance(suite, Suite)
    return suite


class Suite:
    """Gathers samples while tests report; judges, and keeps them, at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._root = config.rootpath
        self._samples: dict[str, Sample] = {}
        self._folders: list[str] = []
        self._judged: SuiteVerdict | None = None
        self._notes: list[str] = []

    def add(self, told: Mapping[str, Any]) -> None:
        """What a test with trials told the session; one that went live nowhere is no sample."""
        self._folders.append(told["trials"])
        if told["untried"]:
            return
        sample = dict(told["sample"])
        self._samples[sample.pop("golden")] = Sample.parsed(sample)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        option = self._config.option
        if option.opswald_gate:
            self._judge(session, strict=option.opswald_gate == "strict")
        if option.opswald_baseline:
            self._keep(session)
        if self._has_ended(session):
            trials.forget(self._root, self._folders)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for note in self._notes:
            terminalreporter.write_line(f"opswald: {note}", yellow=True)
        if self._judged:
            writer = terminalreporter._tw
            paper = Paper(writer.fullwidth, writer.markup, verbosity=self._config.get_verbosity())
            for line in render(self._judged, paper):
                terminalreporter.write_line(line)

    def _judge(self, session: pytest.Session, *, strict: bool) -> None:
        judged = self._verdict()
        self._judged = judged
        red = judged.verdict == "fail" or not judged.complete
        if red or (strict and judged.verdict == "inconclusive"):
            _redden(session)

    def _verdict(self) -> SuiteVerdict:
        try:
            known = baselines.load(self._root)
        except OpswaldError as problem:
            return SuiteVerdict("inconclusive", str(problem), complete=False)
        pairs = [
            Pair(golden, known[golden].trials, sample.trials, sample.tags)
            for golden, sample in sorted(self._samples.items())
            if golden in known and known[golden].digest == sample.digest
        ]
        if self._samples and (unpaired := len(self._samples) - len(pairs)):
            self._notes.append(
                f"{unpaired} of {len(self._samples)} goldens have no baseline of the same "
                "recording; write one with --opswald-baseline"
            )
        return judge(pairs)

    def _keep(self, session: pytest.Session) -> None:
        if not self._samples:
            self._notes.append(
                "no baseline was written: no modified replay ran; "
                "with --opswald-fork-from-step 1 everything goes live unchanged"
            )
            _redden(session)
            return
        baselines.save(self._root, self._samples)
        place = baselines.path_of(Path()).as_posix()
        self._notes.append(f"{len(self._samples)} goldens are the baseline now: {place}")

    def _has_ended(self, session: pytest.Session) -> bool:
        """Whether it came to its end; not so when it was interrupted or a worker died."""
        codes = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        most = self._config.getvalue("maxfail")
        return session.exitstatus in codes or bool(most and session.testsfailed >= most)


def _redden(session: pytest.Session) -> None:
    if session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
