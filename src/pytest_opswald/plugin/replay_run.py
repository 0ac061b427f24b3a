"""A test that is answered from its golden, or has none."""

from __future__ import annotations

from typing import Any

from pytest_opswald import runs
from pytest_opswald.engine.result import Recording, Replay
from pytest_opswald.errors import OpswaldError
from pytest_opswald.grading import ask
from pytest_opswald.judging import check_judge, expecting, judged
from pytest_opswald.report.merge import summarise
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Grader
from pytest_opswald.trace.replay_spec import ReplaySpec

from .output import told_of
from .testrun import Place, TestRun


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
