"""What a replay that came to its end is worth: its result, and the verdict of a golden test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_opswald.api.golden_tests import Result
from pytest_opswald.api.replays import Fidelity, ReplayResult
from pytest_opswald.api.steps import Step as ApiStep
from pytest_opswald.diff.compare import compare
from pytest_opswald.diff.difference import Difference
from pytest_opswald.engine.result import Replay
from pytest_opswald.interop.sending import to_api
from pytest_opswald.playback import Played
from pytest_opswald.report.merge import summarise
from pytest_opswald.sync.outcomes import changes_from_original, outcome_changes
from pytest_opswald.sync.results import result_of
from pytest_opswald.trace.golden import Golden, profile_of
from pytest_opswald.trace.replay_spec import Profile, ReplaySpec
from pytest_opswald.trace.trace import Trace


@dataclass(frozen=True, slots=True)
class Judged:
    """A replay, compared with its golden."""

    replay: Replay
    difference: Difference
    profile: Profile
    fidelity: Fidelity
    coverage: str

    def result(self, *, cost: float, fork: int | None) -> ReplayResult:
        """Its duration is left to whoever knows when it began."""
        first = self.difference.first
        step = first and (first.golden or first.actual)
        return ReplayResult(
            final_output=self.replay.trace.final_message,
            total_cost=cost,
            duration_ms=0,
            changes_from_original=changes_from_original(self.difference.pairs, fork=fork or 1),
            fidelity=self.fidelity,
            coverage=self.coverage,
            first_divergence=step.step_number if step else None,
            outcome_diff=tuple(
                each.model_dump(mode="json") for each in outcome_changes(self.difference.checks)
            ),
        )

    def verdict(self, **known: Any) -> Result:
        """Of the golden test that it was made for; `known` are other fields of it."""
        summary = summarise(self.replay, self.difference, profile=self.profile)
        status = "passed" if summary.verdict == "pass" else "failed"
        return Result.model_validate(
            result_of(summary) | {"status": status, "fidelity": self.fidelity} | known
        )

    def steps(self, started_at: datetime) -> Iterator[dict[str, Any]]:
        """Pairs of a recorded step's number, or None, and the replayed step, or None."""
        shown = _shown(self.replay.trace, started_at)
        for pair in self.difference.pairs:
            yield {
                "recorded": pair.golden.step_number if pair.golden else None,
                "step": shown[pair.actual.step_number - 1] if pair.actual else None,
            }


def cached(golden: Golden) -> Judged:
    """The recording against what is expected of it."""
    spec = ReplaySpec()
    profile = profile_of(golden, spec)
    replay = Replay(golden, spec, golden.trace)
    calls = len(golden.trace.llm_calls)
    difference = compare(golden, golden.trace, profile=profile)
    return Judged(replay, difference, profile, "frozen", f"0 of {calls} LLM calls live")


def live(played: Played) -> Judged:
    """What a playback came to."""
    verdict = played.verdict
    return Judged(
        verdict.replay, verdict.difference, verdict.profile, played.fidelity, played.coverage
    )


def _shown(trace: Trace, started_at: datetime) -> list[dict[str, Any]]:
    """Steps of ours as the API shows them, without what the wire said."""
    bodies = to_api(trace, started_at=started_at).steps
    return [
        ApiStep.model_validate(
            body.model_dump(exclude={"id", "step_number", "raw"}, exclude_none=True)
            | {"id": f"step_{n:03d}", "step_number": n}
            | {"timestamp": body.timestamp or started_at, "status": body.status or "ok"}
        ).model_dump(mode="json", exclude_none=True)
        for n, body in enumerate(bodies, start=1)
    ]
