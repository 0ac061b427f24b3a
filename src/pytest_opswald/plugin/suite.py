"""What all trials of a session say together; on the controller, or without xdist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.errors import OpswaldError
from pytest_opswald.report.amounts import counted
from pytest_opswald.report.paper import Paper
from pytest_opswald.report.suite import render
from pytest_opswald.stats.suite import Pair, SuiteVerdict, judge
from pytest_opswald.store import baselines, trials
from pytest_opswald.store.baselines import Sample

_NAME = "opswald-suite"
_NONE_RAN = (
    "no modified replay went live; say what changes, such as --opswald-model NEW, or ask the same "
    "again with --opswald-fork-from-step 1"
)


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
        if not self._samples:
            return SuiteVerdict("inconclusive", _NONE_RAN, complete=False)
        try:
            known = baselines.load(self._root)
        except OpswaldError as problem:
            return SuiteVerdict("inconclusive", str(problem), complete=False)
        pairs = [
            Pair(golden, known[golden].trials, sample.trials, sample.tags)
            for golden, sample in sorted(self._samples.items())
            if golden in known and known[golden].digest == sample.digest
        ]
        self._notes += _notes(self._samples, known, {pair.golden for pair in pairs})
        return judge(pairs)

    def _keep(self, session: pytest.Session) -> None:
        if not self._samples:
            self._notes.append(f"no baseline was written: {_NONE_RAN}")
            _redden(session)
            return
        baselines.save(self._root, self._samples)
        place = baselines.path_of(Path()).as_posix()
        ended = [trial.ended for s in self._samples.values() for trial in s.trials]
        passed = f"{ended.count('pass')} of {counted(len(ended), 'trial')} passed"
        number = len(self._samples)
        verb = "is" if number == 1 else "are"
        self._notes.append(
            f"{counted(number, 'golden')} {verb} the baseline now, {passed}: {place}"
        )

    def _has_ended(self, session: pytest.Session) -> bool:
        """Whether it came to its end; not so when it was interrupted or a worker died."""
        codes = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        most = self._config.getvalue("maxfail")
        return session.exitstatus in codes or bool(most and session.testsfailed >= most)


def _notes(
    samples: Mapping[str, Sample], known: Mapping[str, Sample], paired: Collection[str]
) -> Iterator[str]:
    """What the comparison is without, and what it is made with."""
    if unpaired := len(samples) - len(paired):
        yield (
            f"{unpaired} of {counted(len(samples), 'golden')} have no baseline of the same "
            "recording; write one with --opswald-baseline"
        )
    if missed := len(known.keys() - samples.keys()):
        yield f"{missed} of {counted(len(known), 'golden')} of the baseline did not run"
    changes = sorted({known[golden].asked for golden in paired})
    if len(changes) > 1:
        yield (
            f"the baseline mixes runs with {' and '.join(changes)}; "
            "write it anew for all goldens with --opswald-baseline"
        )
    elif changes:
        yield f"the baseline ran with {changes[0]}"


def _redden(session: pytest.Session) -> None:
    if session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
