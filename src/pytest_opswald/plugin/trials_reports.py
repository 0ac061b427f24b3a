"""One report for all trials of a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import pytest
from _pytest._code.code import TerminalRepr
from _pytest._io import TerminalWriter

from pytest_opswald.report.merge import asked_of
from pytest_opswald.report.paper import Paper
from pytest_opswald.report.totals import Totals
from pytest_opswald.report.trials import headline, render
from pytest_opswald.stats.trials import Tally
from pytest_opswald.store.baselines import Sample
from pytest_opswald.store.files import load

from .output import Crash, paper_of
from .trials_plan import Plan

Phases = Sequence[pytest.TestReport]
"""Set-up, call and teardown of one run."""


@dataclass(eq=False)
class AllTrials(TerminalRepr):
    """The tally, and the first run that failed in full."""

    tally: Tally
    golden: str
    asked: str
    failure: Any = None
    """What pytest would have shown of that run."""

    @property
    def reprcrash(self) -> Crash:
        return Crash(headline(self.tally))

    def toterminal(self, tw: TerminalWriter) -> None:
        for line in self.lines(paper_of(tw, 0)):
            tw.line(line)
        if hasattr(self.failure, "toterminal"):
            tw.line()
            self.failure.toterminal(tw)
        elif self.failure:
            tw.line(f"\n{self.failure}")

    def lines(self, paper: Paper) -> list[str]:
        return render(self.tally, paper, golden=self.golden, asked=self.asked)

    def __str__(self) -> str:
        lines = self.lines(Paper(width=100))
        return "\n".join([*lines, "", str(self.failure)] if self.failure else lines)


class Consolidated:
    """What pytest hears of a test that was run several times."""

    def __init__(
        self,
        item: pytest.Item,
        plan: Plan,
        tally: Tally,
        runs: Sequence[Phases],
        *,
        notices: Sequence[str],
        folder: str,
        properties: Sequence[tuple[str, object]],
    ) -> None:
        self._item = item
        self._plan = plan
        self._tally = tally
        self._runs = runs
        self._notices = notices
        self._folder = folder
        self._properties = properties
        self._passed = tally.verdict == "pass"
        alike = (run for run in runs if run[1].passed is self._passed)
        self._shown = next(alike, None) or (runs[-1] if runs else None)
        """The run that stands for all: the first that ended as the test does."""
        self._is_advisory = plan.sampled and tally.verdict == "fail" and not tally.breaches

    def reports(self, torn_down: Phases) -> list[pytest.TestReport]:
        """Set-up, call, teardown; the last with what the session should know."""
        (teardown,) = torn_down
        teardown.opswald = self._told()  # type: ignore[attr-defined]
        teardown.user_properties = self._user_properties()  # JUnit reads those of the last report
        return [self._report("setup", "passed"), self._call(), teardown]

    def _call(self) -> pytest.TestReport:
        good = self._passed or self._is_advisory
        report = self._report("call", "passed" if good else "failed")
        if not good:
            report.longrepr = self._text()
        report.duration = sum(run[1].duration for run in self._runs)
        if self._shown:
            report.sections = self._shown[1].sections
        report.opswald_advisory = self._is_advisory  # type: ignore[attr-defined]
        return report

    def _report(self, when: Any, outcome: Any) -> pytest.TestReport:
        item = self._item
        return pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords=dict.fromkeys(item.keywords, 1),
            outcome=outcome,
            longrepr=None,
            when=when,
            user_properties=self._user_properties(),
        )

    def _user_properties(self) -> list[tuple[str, object]]:
        shown: Sequence[tuple[str, object]] = (
            self._shown[1].user_properties if self._shown else self._properties
        )
        verdict = ("opswald.verdict", self._tally.verdict or "inconclusive")
        counts = {
            "trials": self._tally.valid,
            "passes": self._tally.passes,
            "infra": self._tally.infra,
        }
        told = [(f"opswald.{name}", str(count)) for name, count in counts.items() if count]
        return [*(pair for pair in shown if pair[0] != verdict[0]), verdict, *told]

    def _text(self) -> Any:
        """Why it failed: a single run's own words, or the tally with those of the first."""
        failure = self._shown[1].longrepr if self._shown and self._shown[1].failed else None
        if self._tally.rule.most == 1 and len(self._tally.trials) == 1 and failure:
            return failure
        return self._tallied(failure)

    def _tallied(self, failure: Any = None) -> AllTrials:
        at = self._plan.at
        return AllTrials(self._tally, at.shown, asked_of(at.settings.spec), failure)

    def _told(self) -> dict[str, Any]:
        """For the session, as plain JSON."""
        told = [getattr(run[2], "opswald", {}) for run in self._runs]
        totals = sum((Totals(**each["totals"]) for each in told if "totals" in each), Totals())
        notices = dict.fromkeys(line for each in told for line in each.get("notices", ()))
        return {
            "name": self._plan.at.shown,
            "totals": asdict(
                replace(totals, passed=int(self._passed), failed=int(not self._passed))
            ),
            "text": self._lines(told),
            "notices": [*notices, *self._notices],
            "leaks": [leak for each in told for leak in each.get("leaks", ())],
            "trials": self._folder,
            "sample": self._sample() if self._folder else None,
            "untried": next((each["untried"] for each in told if each.get("untried")), None),
            "played": next((each["played"] for each in told if each.get("played")), None),
            "sync": getattr(self._shown[2], "opswald", {}).get("sync") if self._shown else None,
        }

    def _lines(self, told: Sequence[dict[str, Any]]) -> list[str]:
        """What stands at the end of the session; a failure stands in its report already."""
        if not self._passed:
            return str(self._text()).splitlines() if self._is_advisory else []
        if self._tally.rule.most == 1:
            return [line for each in told[-1:] for line in each.get("text", ())]
        verbosity = self._item.config.get_verbosity()
        if verbosity < 0 or (verbosity == 0 and self._tally.passes == len(self._tally.trials)):
            return []
        return self._tallied().lines(Paper(width=100))

    def _sample(self) -> dict[str, Any]:
        """The trials as the suite compares them."""
        root, golden = self._item.config.rootpath, self._plan.at.path
        place = golden.relative_to(root) if golden.is_relative_to(root) else golden
        sample = Sample(
            digest=sha256(golden.read_bytes()).hexdigest(),
            asked=asked_of(self._plan.at.settings.spec),
            trials=tuple(self._tally.trials),
            tags=tuple(dict.fromkeys((*load(golden).tags, *self._plan.at.settings.tags))),
        )
        return {"golden": place.as_posix(), **asdict(sample)}
