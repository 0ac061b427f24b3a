"""A test that writes its golden, or one more beside it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from pytest_opswald import runs
from pytest_opswald.diff.compare import compare
from pytest_opswald.engine.result import Recording
from pytest_opswald.redaction.documents import Redacted
from pytest_opswald.report.totals import Totals
from pytest_opswald.store import files, timings
from pytest_opswald.store.schemas import with_schemas
from pytest_opswald.store.variants import next_variant
from pytest_opswald.trace.golden import Golden

from .testrun import Place, TestRun


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
