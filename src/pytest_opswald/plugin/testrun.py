"""One test's recording or replay."""

from __future__ import annotations

import os
import shlex
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.outcomes import Failed

from pytest_opswald import runs
from pytest_opswald.config import Settings
from pytest_opswald.diff.compare import compare
from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.result import Recording, Replay
from pytest_opswald.errors import OpswaldError, UnusableRule
from pytest_opswald.grading import ask
from pytest_opswald.judging import check_judge, expecting, judged
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.report import junit
from pytest_opswald.report.merge import summarise
from pytest_opswald.report.summary import Summary
from pytest_opswald.report.totals import Totals
from pytest_opswald.store import failed, files, timings
from pytest_opswald.store.paths import golden_path
from pytest_opswald.store.schemas import with_schemas
from pytest_opswald.store.variants import next_variant
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Grader
from pytest_opswald.trace.replay_spec import ReplaySpec

from .names import test_id
from .output import told_of
from .phases import Phases
from .story import Story

LEAKS: list[str] = []
"""Calls of threads that outlived their test, until the next report takes them along."""


class Divergence(Failed):
    """The run is not what the golden says."""


def testrun(item: pytest.Item, settings: Settings, *, optional: bool) -> TestRun:
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


class RecordingRun(TestRun):
    """Everything goes live and is written when the test has passed."""

    def __init__(self, at: Place, *, optional: bool) -> None:
        self._engine = runs.recorder(at.settings.redaction)
        self._optional = optional
        self._recording = Recording(self._engine.trace())
        self._is_finished = False
        self._is_saved = False
        self._is_unchanged = False
        super().__init__(at, self._engine, offline=False)

    def judge(self) -> None:
        super().judge()
        if self._is_wanted:
            runs.check_recorded(self._recording, self.at.test)

    def save(self) -> None:
        if not self._is_wanted:
            return
        self._is_unchanged = not self._write()
        self._is_saved = True
        super().save()

    def _write(self) -> bool:
        """Whether anything had to be written."""
        at, detector = self.at, self._recording.redactor.detector
        rewritten = files.update(
            at.path, self._accepted, detector, replace_unreadable=at.settings.rewrite == "all"
        )
        if rewritten:
            timings.save(at.root, at.path, self._recording.trace)
        return rewritten

    @property
    def _is_wanted(self) -> bool:
        return not self._optional or bool(self._recording.trace.llm_calls)

    def _accepted(self, old: Golden | None) -> Redacted | None:
        """The golden to write; None when the old one still tells this run."""
        golden = files.merge(old, self.golden(self._recording))
        self._refuse_unexpected(golden)
        if old and self.at.settings.rewrite == "changed":
            changed = compare(old, golden.trace, profile="exact").changed
            return golden if changed else None
        return golden

    def _refuse_unexpected(self, golden: Golden) -> None:
        """What was written by hand must hold for a run before it becomes the golden."""
        judged = with_schemas(golden, self.at.path.parent)
        failed = compare(judged, golden.trace, profile="exact").failed_checks
        if failed:
            said = "\n".join(
                f"  {check.id}: expected {check.expected!r}, got {check.actual!r}"
                for check in failed
            )
            pytest.fail(
                f"{self.at.shown} was not written: this run does not meet its expected_outcome\n"
                f"{said}\nEdit expected_outcome there, or mend the agent.",
                pytrace=False,
            )

    def _finish(self) -> None:
        self._recording = self._engine.finish()
        self._is_finished = True

    def _failed(self) -> Recording | None:
        has_steps = self._is_wanted and bool(self._recording.trace.steps)
        return self._recording if self._is_finished and has_steps else None

    def _told(self) -> dict[str, Any]:
        if not self._is_saved:
            return {}
        totals = Totals.of_recording(self._recording.trace, unchanged=self._is_unchanged)
        return {
            "name": self.at.shown,
            "totals": asdict(totals),
            "notices": list(self._recording.notices),
        }


class VariantRun(RecordingRun):
    """One more run that is accepted beside those of the golden."""

    def _write(self) -> bool:
        golden = files.load(self.at.path)
        if not compare(golden, self._recording.trace, profile="exact").changed:
            return False
        self._refuse_unexpected(files.merge(golden, self.golden(self._recording)))
        path = next_variant(self.at.path)
        variant = self.golden(self._recording).model_copy(update={"name": path.stem})
        return files.save(path, Redacted(variant), self._recording.redactor.detector)


class ReplayRun(TestRun):
    """Answers come from the golden."""

    def __init__(self, at: Place, golden: Golden) -> None:
        spec = at.settings.spec
        if spec.modified:
            check_judge(expecting(golden, at.settings.expected_outcome))
        self._engine = runs.replayer(golden, spec, rules=at.settings.redaction)
        self._replay: Replay | None = None
        self._grade: Grader | None = None
        super().__init__(at, self._engine, offline=not spec.modified)

    def judge(self) -> None:
        self._grade = ask  # a test that has failed by itself is red anyway
        super().judge()

    def _finish(self) -> None:
        verdict = judged(
            self._engine.finish(),
            folder=self.at.path.parent,
            expected_outcome=self.at.settings.expected_outcome,
            grade=self._grade,
        )
        replay = verdict.replay
        self.summary = summarise(replay, verdict.difference, profile=verdict.profile)
        self._replay = replay

    def _failed(self) -> Recording | None:
        if self._replay is None:
            return None
        return Recording(self._replay.trace, redactor=self._engine.secrets.live)

    def _told(self) -> dict[str, Any]:
        if self.summary is None:
            return {}
        config = self.at.item.config
        told = told_of(self.summary, self.at.shown, config.get_verbosity())
        if config.option.opswald_trials and not self.at.settings.spec.modified:
            told["notices"].append(
                "--opswald-trials repeats only replays that change something, such as with "
                "--opswald-model NEW"
            )
        return told


class MissingRun(TestRun):
    """There is no golden: nothing may go live."""

    def __init__(self, at: Place, *, optional: bool) -> None:
        message = (
            f"no golden trace for {at.test}: {at.shown} does not exist\nRecord it:  {at.command}"
        )
        self._message = message
        self.missing = "" if optional else message
        empty = Golden(name=at.path.stem, test=at.test)
        self._engine = runs.replayer(
            empty, ReplaySpec(), rules=at.settings.redaction, llm_only=optional
        )
        super().__init__(at, self._engine, offline=not optional)

    def judge_failed_test(self) -> None:
        if self._is_asked:  # else it has failed for a reason of its own
            raise OpswaldError(self._message)

    def _finish(self) -> None:
        if self.missing or self._is_asked:
            raise OpswaldError(self._message)

    @property
    def _is_asked(self) -> bool:
        return bool(self._engine.finish().findings)

    def _told(self) -> dict[str, Any]:
        return {}
