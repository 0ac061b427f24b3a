"""What a tool call gets on replay: its recorded result, a near one where that is allowed, or none."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_opswald.capture.handler import ToolOutcome
from pytest_opswald.engine import misses
from pytest_opswald.engine.cache import RecordedCall, ToolCache
from pytest_opswald.engine.result import Finding
from pytest_opswald.trace.effects import Effect, Effects
from pytest_opswald.trace.golden import Golden, profile_of
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import MissPolicy, ReplaySpec
from pytest_opswald.trace.steps import ToolCall, ToolInput
from pytest_opswald.trace.volatile import canonical, normalise

ACKNOWLEDGED = ToolOutcome(value={"status": "ok"})
"""What a stubbed tool returns."""


@dataclass(frozen=True, slots=True)
class Answer:
    """To one tool call."""

    outcome: ToolOutcome | None = None
    """None: the tool is run."""
    recorded: RecordedCall | None = None
    """The golden's call that `outcome` comes from, or whose inside is to be served."""
    finding: Finding | None = None
    is_refused: bool = False

    @property
    def source(self) -> ToolCall | None:
        """The step of `recorded`."""
        return self.recorded.call if self.recorded else None


class ToolAnswers:
    """The recorded tool results of a golden, and what is done where there is none."""

    def __init__(self, golden: Golden, spec: ReplaySpec) -> None:
        self._golden = golden
        self._spec = spec
        runs = (golden.trace, *golden.variants)
        self._cache = ToolCache(*(accepted.steps for accepted in runs))

    def to(self, asked: ToolInput, *, effect: str | None = None, run: int = 0) -> Answer:
        """The answer to a call; `effect` is what the tool's author or server says.

        `run` is the accepted run that the replay follows: 0 for the golden's own.
        """
        if recorded := self._cache.equal(asked, run=run):
            return _served(recorded)
        if not self._spec.modified and profile_of(self._golden, self._spec) == "exact":
            recorded = self._cache.aligned(asked)  # the comparison of the steps tells on it
            return _served(recorded) if recorded else self._refused(asked, "fail", "unknown")
        return self._missed(asked, self._effect(asked.tool, effect))

    def _effect(self, tool: str, said: str | None) -> Effect:
        code = {tool: said} if said else {}
        return Effects(self._spec.effects, code, golden=self._golden.effects).of(tool)

    def _missed(self, asked: ToolInput, effect: Effect) -> Answer:
        policy = self._spec.policy(asked.tool, effect)
        match policy:
            case "fail" if effect == "idempotent_write" and not self._spec.asks_policy(asked.tool):
                found = self._cache.again(asked)  # done twice is done once: nothing has happened
            case "structural":
                found = self._cache.structural(asked)
            case "nearest":
                found = self._cache.structural(asked) or self._cache.most_alike(asked)
            case "live" if effect == "read" and self._spec.modified:
                return Answer(finding=_inexact(f"{asked.tool} was run for real", asked))
            case "stub" if effect != "read":
                said = f"{asked.tool} was acknowledged without being run"
                return Answer(ACKNOWLEDGED, finding=_inexact(said, asked))
            case _:
                found = None
        if found is None:
            return self._refused(asked, policy, effect)
        return _served(found, _served_inexactly(found, asked, policy))

    def _refused(self, asked: ToolInput, policy: MissPolicy, effect: Effect) -> Answer:
        finding = misses.uncached(self._golden, self._cache, asked, policy, effect)
        return Answer(finding=finding, is_refused=True)


def _served(recorded: RecordedCall, finding: Finding | None = None) -> Answer:
    if recorded.is_composite:
        return Answer(recorded=recorded)
    return Answer(recorded.outcome, recorded, finding)


def _served_inexactly(recorded: RecordedCall, asked: ToolInput, policy: MissPolicy) -> Finding:
    call = recorded.call
    again = call.input.arguments == asked.arguments
    how = "asked for once more than recorded" if again else f"asked for otherwise, {policy} match"
    step = f"step {call.step_number}" if not recorded.run else f"variant {recorded.run + 1}"
    return _inexact(
        f"{asked.tool} got the result of {step}: {how}",
        asked,
        f"recorded  {misses.call_text(asked.tool, call.input.arguments)}",
        step=None if recorded.run else call.step_number,
    )


def answered_otherwise(
    recorded: RecordedCall, outcome: ToolOutcome, asker: str | None
) -> Finding | None:
    """What a server asked was answered in another way than it was when it was recorded.

    `asker` is the tool in which it asked. What it made of the new answer nobody knows.
    """
    was = recorded.outcome
    if canonical(normalise([was.value, was.error])) == canonical(
        normalise([outcome.value, outcome.error])
    ):
        return None
    call = recorded.call
    who = f"{asker} got its recorded result" if asker else "its server's next result is recorded"
    message = f"{call.input.tool} was answered otherwise than recorded: {who}"
    return Finding(Reason.CACHE_INEXACT, message, step=call.step_number, gates=False)


def _inexact(message: str, asked: ToolInput, *detail: str, step: int | None = None) -> Finding:
    """Something that a verdict rests on and that was not recorded so."""
    lines = (f"asked     {misses.call_text(asked.tool, asked.arguments)}", *detail)
    return Finding(Reason.CACHE_INEXACT, message, lines, step=step, gates=False)
