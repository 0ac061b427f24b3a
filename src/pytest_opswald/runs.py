"""Recording and replaying for real: capture, engine and store plugged together.

with record("goldens/refund.json"):
    support_agent("Refund order 42")

with replay("goldens/refund.json") as run:
    support_agent("Refund order 42")
assert not run.verdict.failed, run.verdict.reason_codes
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_opswald.capture.calls import close_open_calls
from pytest_opswald.capture.closed import Closed
from pytest_opswald.capture.environment import provider_keys_present
from pytest_opswald.capture.guard import guarded
from pytest_opswald.capture.handler import Handler, activated
from pytest_opswald.capture.patching import captured
from pytest_opswald.capture.watching import watched
from pytest_opswald.engine.assembly import Clock
from pytest_opswald.engine.recorder import Recorder
from pytest_opswald.engine.replayer import Replayer
from pytest_opswald.engine.result import Recording
from pytest_opswald.engine.scope import Scope
from pytest_opswald.errors import InvalidSetting, LeakedCall, NothingRecorded
from pytest_opswald.grading import ask
from pytest_opswald.judging import Verdict, check_judge, judged
from pytest_opswald.pricing import cost_of
from pytest_opswald.redaction.documents import Redacted, redacted_golden
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.store import files
from pytest_opswald.trace.effects import Effects
from pytest_opswald.trace.golden import Golden, suggested_outcome
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import LlmCall
from pytest_opswald.wire.swap.target import names_provider


class Run:
    """One engine in force between `start` and `end`; everything patched is undone by `stop`."""

    def __init__(
        self,
        engine: Recorder | Replayer,
        *,
        test: str,
        tools: Sequence[str] = (),
        offline: bool = False,
        allow_hosts: Sequence[str] = (),
        on_leak: Callable[[str], None] = lambda message: None,
    ) -> None:
        self._engine = engine
        self.leaked: tuple[str, ...] = ()
        """Calls that were still waiting for an answer when the run ended."""
        self._test = test
        self._tools = tools
        self._offline = offline
        self._allow_hosts = allow_hosts
        self._on_leak = on_leak
        self._undo = ExitStack()
        self._surroundings = ExitStack()
        self._in_force = ExitStack()

    def start(self) -> None:
        with ExitStack() as undo:
            undo.enter_context(captured())
            replaying = self._engine if isinstance(self._engine, Replayer) else None
            if replaying and (self._offline or names_provider(replaying.spec.changes.model)):
                undo.enter_context(provider_keys_present())
            undo.push(self._surroundings)
            self._surround()
            undo.push(self._in_force)
            afterwards = Closed(self._test, self._on_leak)
            self._in_force.enter_context(activated(self._engine, afterwards=afterwards))
            self._undo = undo.pop_all()

    def watch_again(self) -> None:
        """Functions that were put in the place of tools since the start are tools, too."""
        self._in_force.enter_context(watched(self._tools))

    @contextmanager
    def aside(self, handler: Handler) -> Iterator[None]:
        """For a while nothing is part of the run, or guarded: `handler` is asked."""
        self._surroundings.close()
        try:
            with activated(handler):
                yield
        finally:
            self._surround()

    def end(self, afterwards: Handler) -> None:
        """Nothing more is part of the run; the guard stays, and `afterwards` is asked."""
        self._disengage()
        self._undo.enter_context(activated(afterwards))

    def leave(self, afterwards: Handler) -> None:
        """Nothing is guarded any more; until `stop`, `afterwards` is asked."""
        self._disengage()
        self._surroundings.close()
        self._undo.enter_context(activated(afterwards))

    def stop(self) -> None:
        """May be called more than once."""
        with self._undo:
            self._disengage()
        self._undo = ExitStack()

    def _surround(self) -> None:
        """What calls of the run go through besides the adapters."""
        with ExitStack() as undo:
            if self._offline and isinstance(self._engine, Replayer):
                report = self._engine.on_escape
                undo.enter_context(guarded(report, allowed=self._allow_hosts))
            undo.enter_context(watched(self._tools))
            self._surroundings.push(undo.pop_all())

    def _disengage(self) -> None:
        with self._in_force:
            waiting = close_open_calls()
            self.leaked += tuple(f"{request.method} {request.path}" for request in waiting)

    def check_leaks(self) -> None:
        """Raises LeakedCall when a call outlived the run."""
        if self.leaked:
            raise LeakedCall(
                f"{self._test} ended while {len(self.leaked)} of its calls still waited for an "
                f"answer: {', '.join(self.leaked)}\n"
                "Join the thread, or await the task, before the test returns."
            )


def recorder(rules: Rules | None = None) -> Recorder:
    """An engine that lets everything through; `rules` say what is a secret."""
    return Recorder(scope=Scope(), clock=_clock(), price=_price, secrets=_secrets(rules))


def replayer(
    golden: Golden,
    spec: ReplaySpec,
    *,
    rules: Rules | None = None,
    llm_only: bool = False,
    has_code: bool = True,
) -> Replayer:
    """An engine that answers from the golden; with `llm_only` other traffic is left alone.

    Without `has_code` nobody is there who could run a tool for real.

    Raises InvalidSetting when the fork lies beyond the golden.
    """
    steps = len(golden.trace.steps)
    if spec.fork_from_step is not None and spec.fork_from_step > steps:
        raise InvalidSetting(
            f"cannot fork {golden.name} from step {spec.fork_from_step}: it has {steps} steps; "
            "see them with: pytest-opswald show"
        )
    scope = Scope(llm_only=llm_only)
    return Replayer(
        golden,
        spec,
        scope=scope,
        clock=_clock(),
        price=_price,
        secrets=_secrets(rules),
        variables=os.environ,
        has_code=has_code,
    )


def check_recorded(recording: Recording, test: str) -> None:
    """Raises NothingRecorded for a run that leaves nothing to replay."""
    if not recording.trace.steps:
        raise NothingRecorded(
            f"nothing was recorded for {test}: no LLM call, no tool call and no note was seen\n"
            "Calls are seen where they go through httpx or httpx2 in this very process, as those of "
            "the SDKs of\nOpenAI and Anthropic do; those of urllib, requests or aiohttp are not, nor "
            "those of a subprocess.\n"
            "Have the agent ask its LLM there, declare what it does instead as a tool, or leave "
            "`opswald` out of a test\nthat calls no agent."
        )


def golden_of(
    recording: Recording,
    *,
    name: str,
    test: str,
    tags: Sequence[str] = (),
    expected_outcome: Mapping[str, Any] | None = None,
    effects: Mapping[str, str] | None = None,
) -> Redacted:
    """The golden that a recording makes; what `expected_outcome` says wins over what happened.

    `effects` says what tools do, and wins over what their declarations say, not over MCP servers.
    """
    suggested = suggested_outcome(recording.trace).model_dump(mode="json")
    golden = Golden(
        name=name,
        test=test,
        tags=tuple(tags),
        expected_outcome=parse_outcome({**suggested, **(expected_outcome or {})}),
        effects=Effects(effects or {}, recording.effects).held(recording.trace.tools),
        trace=recording.trace,
    )
    return redacted_golden(golden, recording.redactor)


class Recorded:
    """A recording under way; `golden` is there when it has been written."""

    golden: Golden | None = None


class Replayed:
    """A replay under way; `verdict` is there when it is over."""

    verdict: Verdict


@contextmanager
def record(path: str | Path, *, tools: Sequence[str] = ()) -> Iterator[Recorded]:
    """Record what the block does as the golden at `path`; nothing is written if it raises.

    Raises NothingRecorded when the block made no call, LeakedCall when one outlives it.
    """
    path, result = Path(path), Recorded()
    engine = recorder()
    run = Run(engine, test=path.stem, tools=tools)
    run.start()
    try:
        yield result
    finally:
        run.stop()
    run.check_leaks()
    recording = engine.finish()
    check_recorded(recording, path.stem)
    golden = golden_of(recording, name=path.stem, test=str(path))
    files.save(path, golden, recording.redactor.detector)
    result.golden = golden


@contextmanager
def replay(
    path: str | Path, *, spec: ReplaySpec | None = None, tools: Sequence[str] = ()
) -> Iterator[Replayed]:
    """Answer the block's calls from the golden at `path`; judge it when the block has ended.

    Raises GoldenError when there is no readable golden, InvalidSetting for an impossible fork,
    UnusableRule where an LLM is to grade the final message and cannot be asked.
    """
    path, result, spec = Path(path), Replayed(), spec or ReplaySpec()
    golden = files.load(path)
    engine, grade = replayer(golden, spec), None
    if spec.modified:
        check_judge(golden)
    run = Run(engine, test=path.stem, tools=tools, offline=not spec.modified)
    run.start()
    try:
        yield result
        grade = ask  # a block that raised needs no opinion
    finally:
        run.stop()
        result.verdict = judged(engine.finish(), folder=path.parent, grade=grade)
    run.check_leaks()


def _secrets(rules: Rules | None) -> Secrets:
    return Secrets(rules, lambda: dict(os.environ))


def _clock() -> Clock:
    return Clock(datetime.now(UTC), time.monotonic_ns())


def _price(call: LlmCall) -> float | None:
    if call.http is None or call.tokens is None:
        return None
    # the name that answered is more exact, and not always one that a price list knows
    models = dict.fromkeys((call.output.model, call.input.model))
    costs = (cost_of(model, call.http.url, call.tokens) for model in models)
    return next((cost for cost in costs if cost is not None), None)
