"""Replaying a golden without the agent's code: its LLM calls are made again, for real.

result = play(load(path), spec=ReplaySpec(changes=Changes(model="gpt-5.2-mini")))
result.verdict.failed, result.coverage, result.cost
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from pytest_opswald import runs
from pytest_opswald.capture.handler import Detour
from pytest_opswald.engine.closed_loop import closed_loop
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.script import (
    Action,
    Ask,
    Ended,
    Tell,
    UseTool,
    teacher_forced,
    with_every_tool_declared,
    with_tools_declared_as_in,
)
from pytest_opswald.errors import InvalidSetting, NoRecordedAnswer
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.grading import graded
from pytest_opswald.judging import Verdict, check_judge, expecting, judged
from pytest_opswald.live import Sender
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.report.merge import asked_of
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.grades import Grader, Spent
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import LlmCall

Fidelity = Literal["frozen", "teacher_forced", "closed_loop"]
"""How much of the run was the model's own.

frozen: recorded answers, judged again. teacher_forced: each LLM call in its recorded context.
closed_loop: every context grows from the model's own answers; tools come from the golden.
"""
FIDELITIES: tuple[Fidelity, ...] = get_args(Fidelity)
Send = Callable[[Request], Response | Failure]
"""Makes a request for real."""


@dataclass(frozen=True, slots=True)
class Played:
    """One golden, replayed without code."""

    verdict: Verdict
    fidelity: Fidelity
    asked: int
    """LLM calls that were made for real."""
    llm_calls: int
    """LLM calls of the golden."""
    own_until: int | None
    """Step up to which every context was the model's own; None when it always was."""
    diverged: bool = False
    """A closed loop met a tool call that the golden has no result for."""

    @property
    def spent(self) -> Spent:
        """What this replay took, grades included."""
        replay = self.verdict.replay
        return replay.counts.spent(replay.trace)

    @property
    def coverage(self) -> str:
        """`5 of 5 LLM calls live, context its own up to step 7`"""
        live = f"{self.asked} of {self.llm_calls} LLM calls live"
        if self.diverged:
            return f"{live}, diverged where the golden has no tool result"
        if not self.asked:
            return live
        if self.own_until is None:
            return f"{live}, every context its own"
        return f"{live}, context its own up to step {self.own_until}"


def play(
    golden: Golden,
    spec: ReplaySpec | None = None,
    *,
    fidelity: Fidelity | None = None,
    falls_back: bool = False,
    send: Send | None = None,
    expected_outcome: Mapping[str, Any] | None = None,
    folder: Path = Path(),
    rules: Rules | None = None,
) -> Played:
    """Replay a golden and judge it; files that its expected outcome names are seen from `folder`.

    `fidelity` is teacher_forced when something is changed, else frozen. A closed loop ends where
    the golden has no tool result; with `falls_back` it goes on teacher-forced. `rules` say what is
    a secret.

    Raises InvalidSetting without a provider's key and for a frozen replay with changes, NotLinear
    when there is no loop to close, UnusableRule for an expectation that cannot be judged.
    """
    with ExitStack() as until_then:
        if send is None:
            send = until_then.enter_context(Sender(os.environ)).send
        playback = Playback(
            golden, spec, fidelity=fidelity, falls_back=falls_back, send=send, rules=rules
        )
        if playback.fidelity != "frozen":
            check_judge(expecting(golden, expected_outcome))
        while playback.advance():
            pass
        grade = partial(graded, send=send, variables=os.environ)
        return playback.finish(expected_outcome, folder=folder, grade=grade)


class Playback:
    """A golden being replayed, one action at a time."""

    reached = 0
    """The golden's step whose question was answered last; 0 before the first."""
    asking = 0
    """That whose question is being answered, or was last."""

    def __init__(
        self,
        golden: Golden,
        spec: ReplaySpec | None = None,
        *,
        fidelity: Fidelity | None = None,
        falls_back: bool = False,
        send: Send,
        rules: Rules | None = None,
    ) -> None:
        """As `play`, which see."""
        spec = spec or ReplaySpec()
        self.fidelity: Fidelity = fidelity or ("teacher_forced" if spec.modified else "frozen")
        if self.fidelity == "frozen" and spec.modified:
            raise InvalidSetting(
                f"a frozen replay asks nobody, and {asked_of(spec)} asks an LLM; "
                "leave one of them out"
            )
        if self.fidelity != "frozen" and not spec.modified:
            spec = spec.model_copy(update={"fork_from_step": 1})  # the same model, asked again
        self._golden, self._send = golden, send
        self._engine = runs.replayer(
            with_every_tool_declared(golden), spec, rules=rules, has_code=False
        )
        self._script = (
            closed_loop(golden, falls_back=falls_back)
            if self.fidelity == "closed_loop"
            else teacher_forced(golden)
        )
        self._came_to: Any = None

    def advance(self) -> bool:
        """Do the next action; False when there is none left.

        Raises NotLinear when there is no loop to close, and whatever `send` raises.
        """
        try:
            action = self._script.send(self._came_to)
        except StopIteration:
            return False
        if isinstance(action, Ask):
            self.asking = action.step_number
        self._came_to = _done(self._engine, action, self._send)
        if isinstance(action, Ask):
            self.reached = action.step_number
        return True

    def finish(
        self,
        expected_outcome: Mapping[str, Any] | None = None,
        *,
        folder: Path = Path(),
        grade: Grader | None = None,
    ) -> Played:
        """Judge what was played so far; `grade` has its final message graded, the rest as in `play`."""
        replay = self._engine.finish()
        replay = replace(replay, golden=with_tools_declared_as_in(self._golden, replay.golden))
        verdict = judged(replay, folder=folder, expected_outcome=expected_outcome, grade=grade)
        closes_loop = self.fidelity == "closed_loop"
        return Played(
            verdict=verdict,
            fidelity=self.fidelity,
            asked=replay.counts.llm_live,
            llm_calls=len(self._golden.trace.llm_calls),
            own_until=None if closes_loop else _own_until(verdict),
            diverged=closes_loop
            and any(finding.code is Reason.CACHE_MISS for finding in replay.findings),
        )


def _done(engine: Replayer, action: Action, send: Send) -> Any:
    match action:
        case Ask(request=request):
            return _asked(engine, request, send)
        case UseTool(use=use):
            try:
                return engine.on_tool_call(use)
            except NoRecordedAnswer as miss:
                return str(miss)  # the journal has it; the next call has its recorded context
        case Ended(use=use, outcome=outcome):
            engine.on_tool_result(use, outcome)
        case Tell(note=note):
            engine.on_note(note)
    return None


def _asked(engine: Replayer, request: Request, send: Send) -> Response | Failure:
    match engine.on_request(request):
        case Detour(request=kept, outgoing=outgoing, back=back):
            answer = send(outgoing)
            answer = back(answer) if isinstance(answer, Response) else answer
            engine.on_response(kept, answer)
        case Request() as changed:
            answer = send(changed)
            engine.on_response(changed, answer)
        case Response() | Failure() as answer:
            pass
    return answer


def _own_until(verdict: Verdict) -> int | None:
    for pair in verdict.difference.pairs:
        if isinstance(pair.golden, LlmCall) and any(
            change.path.startswith("output") for change in pair.changes
        ):
            return pair.golden.step_number
    return None
