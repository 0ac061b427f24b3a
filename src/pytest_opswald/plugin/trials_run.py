"""One test, run until its rule knows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from pytest_opswald.capture.opened import files_read
from pytest_opswald.engine import drift
from pytest_opswald.report.drift import what, where
from pytest_opswald.report.summary import Summary
from pytest_opswald.report.trials import resumption
from pytest_opswald.stats.trials import Tally, Trial
from pytest_opswald.store.trials import FinishedTrials, Found, loaded_sources
from pytest_opswald.trace.trace import Trace

from .trials_plan import Plan
from .trials_reading import is_trial, trial_of
from .trials_reports import Consolidated

_WITHOUT_EFFECT = {"trials", "redaction"}
"""Settings that leave a trial as it is: how many there are, and what is hidden of it."""


class Repetition:
    """The trials of one test in this session, those of an interrupted one before it included."""

    def __init__(self, item: pytest.Item, plan: Plan, taken: Callable[[], Summary | None]) -> None:
        self._item = item
        self._plan = plan
        self._taken = taken
        self._root = item.config.rootpath
        self._kept = _kept(item, plan)
        self._trials: list[Trial] = []
        self._phases: list[list[pytest.TestReport]] = []
        self._first: Trace | None = None
        self._properties = list(item.user_properties)

    @property
    def tally(self) -> Tally:
        return Tally(self._plan.rule, self._trials)

    def reports(self, nextitem: pytest.Item | None) -> list[pytest.TestReport]:
        """Run it; what pytest should hear of it."""
        notices = self._resume()
        while self._is_open():
            phases = self._once()
            if not is_trial(phases):
                return [*phases, *self._leave(nextitem, only_failed=True)]
            self._phases.append(phases)
            self._add(phases)
        return Consolidated(
            self._item,
            self._plan,
            self.tally,
            self._phases,
            notices=notices,
            folder=self._kept.folder.name if self._kept else "",
            properties=self._properties,
        ).reports(self._leave(nextitem))

    def _is_open(self) -> bool:
        session = self._item.session
        return self.tally.verdict is None and not (session.shouldstop or session.shouldfail)

    def _resume(self) -> list[str]:
        """Take over finished trials as far as they are needed; what is to be said of them."""
        found = self._kept.load() if self._kept else Found()
        for trial in found.trials:
            if self.tally.verdict is None:
                self._trials.append(trial)
        told = resumption(taken=len(self._trials), outdated=found.outdated, changed=found.changed)
        return [f"{self._plan.at.shown}: {line}" for line in told]

    def _once(self) -> list[pytest.TestReport]:
        item = self._item
        item.user_properties[:] = self._properties
        del item._report_sections[:]
        # With its parent for the next item, the test is torn down and all around it stays.
        return runtestprotocol(item, log=False, nextitem=item.parent)  # type: ignore[arg-type]

    def _add(self, phases: list[pytest.TestReport]) -> None:
        summary = self._taken()
        trial = trial_of(phases[1], summary)
        if self._plan.compared and summary:
            trial = self._compared(trial, summary.run)
        self._trials.append(trial)
        if self._kept:
            sources = loaded_sources(self._root, sys.modules)
            self._kept.add(trial, [*sources, *files_read(self._root)])

    def _compared(self, trial: Trial, trace: Trace) -> Trial:
        """The second run fails where it differs from the first in more than replays tolerate."""
        if self._first is None:
            self._first = trace
            return trial
        drifts = drift.between(drift.said(self._first), drift.said(trace))
        told = [f"{where(it)}: {what(it)}" for it in drifts if not it.tolerated]
        return replace(trial, ended="fail", said=f"unlike the first, {told[0]}") if told else trial

    def _leave(
        self, nextitem: pytest.Item | None, *, only_failed: bool = False
    ) -> list[pytest.TestReport]:
        """Tear down what the next test does not share."""
        session: Any = self._item.session
        stay = None if session.shouldstop or session.shouldfail else nextitem
        call = pytest.CallInfo.from_call(
            lambda: session._setupstate.teardown_exact(stay),
            when="teardown",
            reraise=(pytest.exit.Exception, KeyboardInterrupt),
        )
        report = self._item.ihook.pytest_runtest_makereport(item=self._item, call=call)
        return [report] if report.failed or not only_failed else []


def _kept(item: pytest.Item, plan: Plan) -> FinishedTrials | None:
    if plan.compared:
        return None
    return FinishedTrials(
        item.config.rootpath,
        test=plan.at.test,
        golden=plan.at.path,
        settings=repr(
            [
                (field.name, getattr(plan.at.settings, field.name))
                for field in fields(plan.at.settings)
                if field.name not in _WITHOUT_EFFECT
            ]
        ),
    )
