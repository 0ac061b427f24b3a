"""One test's recording or replay."""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.outcomes import Failed

from pytest_opswald import runs
from pytest_opswald.config import Settings
from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.result import Recording
from pytest_opswald.errors import UnusableRule
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.report import junit
from pytest_opswald.report.summary import Summary
from pytest_opswald.store import failed

from .names import test_id
from .phases import Phases
from .story import Story

LEAKS: list[str] = []
"""Calls of threads that outlived their test, until the next report takes them along."""


class Divergence(Failed):
    """The run is not what the golden says."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which test, which golden, which settings."""

    item: pytest.Item
    path: Path
    settings: Settings

    @property
    def test(self) -> str:
        return test_id(self.item)

    @property
    def shown(self) -> str:
        """The golden's path as the user would type it."""
        return self.typed(self.path)

    def typed(self, path: Path) -> str:
        cwd = self.item.config.invocation_params.dir
        return str(path.relative_to(cwd) if path.is_relative_to(cwd) else path)

    @property
    def root(self) -> Path:
        return self.item.config.rootpath

    @property
    def command(self) -> str:
        return f"pytest {shlex.quote(self.test)} --opswald-record"


class TestRun(ABC):
    """What happens to one test, whatever it does with its golden."""

    __test__ = False
    summary: Summary | None = None
    missing: str = ""
    """Why the test cannot run at all."""
    kept: Path | None = None
    """Where a run that the test did not pass with is kept."""

    def __init__(self, at: Place, engine: Recorder | Replayer, *, offline: bool) -> None:
        self.at = at
        self.secrets = engine.secrets
        self.is_judged = False
        self.has_passed = self.has_failed = False
        self._undo = ExitStack()
        self._run = runs.Run(
            engine,
            test=at.test,
            tools=at.settings.tools,
            offline=offline,
            allow_hosts=at.settings.allow_hosts,
            on_leak=LEAKS.append,
        )
        self.phases = Phases(self._run, at.test)
        self.story = Story(engine, self._undo)

    def end(self) -> None:
        """Nothing more is part of the run. May be called more than once."""
        self._undo.close()
        self.phases.end()

    def judge(self) -> None:
        """Make up the verdict of a test that has ended well. Raises OpswaldError."""
        self.is_judged = True
        self._finish()
        self._run.check_leaks()

    def judge_failed_test(self) -> None:
        """The test has failed by itself; the golden may say why. Raises OpswaldError."""
        with suppress(UnusableRule):  # to be told when nothing else is wrong
            self._finish()
        self.keep()

    def raise_for_verdict(self) -> None:
        """Raises Divergence when the run is not what the golden says."""
        if self.summary and self.summary.verdict == "fail":
            self.keep()
            raise Divergence(self.summary.headline, pytrace=False)

    def properties(self) -> list[tuple[str, str]]:
        """For JUnit."""
        return junit.properties(self.summary) if self.summary else []

    def told(self) -> dict[str, Any]:
        """What the session should know, as JSON data."""
        told = self._told()
        if LEAKS:
            told["leaks"] = [LEAKS.pop() for _ in range(len(LEAKS))]
        return told

    def save(self) -> None:
        """The test has passed, its teardown too."""
        failed.forget(self.at.root, self.at.path)

    def keep(self) -> None:
        """The test has not passed: its run is put aside, where somebody can look at it."""
        if self.kept is None and (recording := self._failed()):
            run, detector = self.golden(recording), recording.redactor.detector
            self.kept = failed.keep(self.at.root, self.at.path, run, detector)

    def golden(self, recording: Recording) -> Redacted:
        """The golden that this test would make of a recording."""
        settings = self.at.settings
        return runs.golden_of(
            recording,
            name=self.at.path.stem,
            test=self.at.test,
            tags=settings.tags,
            expected_outcome=settings.expected_outcome,
            effects=settings.spec.effects,
        )

    def _failed(self) -> Recording | None:
        """What has happened, once it is finished."""
        return None

    @abstractmethod
    def _finish(self) -> None: ...

    @abstractmethod
    def _told(self) -> dict[str, Any]: ...
