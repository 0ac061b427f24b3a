"""Replaying: answers come from the golden, unless a change was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

from pytest_opswald.capture.handler import Detour, Note, ServerUse, ToolOutcome, ToolUse
from pytest_opswald.engine import misses
from pytest_opswald.engine.accepted import AcceptedRuns
from pytest_opswald.engine.assembly import Assembly, Clock, Price
from pytest_opswald.engine.cache import RecordedCall
from pytest_opswald.engine.derived import undeclared_notices
from pytest_opswald.engine.live import Live
from pytest_opswald.engine.matching import Asked, Exchange
from pytest_opswald.engine.pins import Pins
from pytest_opswald.engine.redacting import cleaned, without_secrets
from pytest_opswald.engine.result import Counts, Finding, Replay
from pytest_opswald.engine.scope import Scope, is_llm, is_telemetry
from pytest_opswald.engine.tape import HttpEvent, Tape
from pytest_opswald.engine.tool_answers import ToolAnswers, answered_otherwise
from pytest_opswald.engine.turns import Turns
from pytest_opswald.errors import NoRecordedAnswer
from pytest_opswald.exchange import Failure, Request, Response
from pytest_opswald.redaction.documents import redacted_outcome
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.trace.effects import QUESTIONS
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.replay_spec import ReplaySpec
from pytest_opswald.trace.steps import LlmCall, Step, Tokens, ToolCall, ToolInput, ToolResult
from pytest_opswald.trace.trace import Trace
from pytest_opswald.wire.base import CannotSend
from pytest_opswald.wire.json_text import dump
from pytest_opswald.wire.records import to_response

__tracebackhide__ = True  # a refused call is told where the agent made it

NO_CONTENT = Response(204, (), ())
"""What tracing SDKs hear while replaying."""


class Replayer:
    """The handler of one replayed run. What it could not answer stands in its journal."""

    def __init__(
        self,
        golden: Golden,
        spec: ReplaySpec,
        *,
        scope: Scope,
        clock: Clock,
        price: Price,
        secrets: Secrets | None = None,
        variables: Mapping[str, str],
        has_code: bool = True,
    ) -> None:
        """`has_code` is False where nobody is there who could run a tool for real."""
        self.secrets = secrets or Secrets()
        self.golden = golden = _cleaned(golden, self.secrets.live, ToolCall, ToolResult)
        self.spec = spec
        self.tape = Tape()
        self._scope = scope
        self._clock = clock
        self._price = price
        self._lock = threading.Lock()
        accepted = (golden.trace, *golden.variants)
        self._exchanges = AcceptedRuns(accepted, self._clean)
        self._tools = ToolAnswers(golden, spec)
        self._pins = Pins(golden)
        self._has_code = has_code
        self._live = Live(spec.changes, variables, warn=self.tape.warn)
        self._turns = Turns(*(run.steps for run in accepted))
        self._findings: list[Finding] = []
        self._run_for_real: set[ToolUse] = set()
        self._answered: dict[ToolUse, RecordedCall] = {}
        """Questions of servers that the agent's callbacks are answering."""
        self._asked = 0
        self._went_live = False

    def wants(self, method: str, url: str, headers: Any, *, in_process: bool) -> bool:
        if is_telemetry(method, url):
            return not self._scope.llm_only
        return self._scope.takes(method, url, headers, in_process=in_process)

    def on_request(self, request: Request) -> Request | Detour | Response | Failure:
        if is_telemetry(request.method, request.url):
            return NO_CONTENT
        with self._lock:
            event = self.tape.request(request)
            self._asked += not event.tries
            self.secrets.see(request.headers)
            if step := self._expected(event):
                event.source, event.is_as_recorded = step, True
                return self._served(event, step)
            said = Asked.by(request)
            asked = self._clean(said)
            event.source = event.source or self._recorded(asked)
            if event.source:
                return self._served(event, event.source)
            if self.spec.modified and is_llm(request.method, request.url):
                return self._sent(event, said)
            if step := self._resembling(asked):
                event.source = step
                return self._served(event, step)
            return self._refused(event, asked)

    def on_response(self, request: Request, response: Response | Failure) -> None:
        if isinstance(response, Response):
            self.secrets.see(response.headers)
        self.tape.response(request, response)
        if isinstance(response, Response):
            self._findings.extend(self._live.rejections(request, response))

    def on_server(self, server: str, traffic: str) -> ServerUse:
        self._scope.leave(traffic)
        if self._scope.llm_only or self.spec.may_run_tools:
            return "untouched"
        asked = self.secrets.live.text(f"mcp:{server}/")
        urls = (step.http.url for step in self.golden.trace.exchanges if step.http)
        return "served" if any(url.startswith(asked) for url in urls) else "untouched"

    def on_tool_call(self, use: ToolUse) -> ToolOutcome | None:
        with self._lock:
            arguments = self.secrets.live.value(use.arguments)
            asked = ToolInput(tool=use.name, arguments=arguments)
            event = self.tape.tool_call(use)
            if use.is_remote and use.parent in self._run_for_real:
                return None
            run = self._exchanges.followed
            answer = self._tools.to(asked, effect=use.held_effect, run=run)
            if answer.finding:
                self._findings.append(answer.finding)
            if answer.finding and answer.is_refused:
                self._refuse_tool(use, answer.finding)
            if answer.outcome is None:
                self._run_for_real |= set() if answer.source else {use}
                if answer.recorded and use.name in QUESTIONS:
                    self._answered[use] = answer.recorded
                return None
            event.source = answer.source
            outcome = replace(answer.outcome, ended_ns=time.monotonic_ns())
            if answer.source:
                self._turns.hold(outcome, answer.source)
            if not outcome.questions:
                self.tape.tool_result(use, outcome)
            return outcome

    def on_tool_result(self, use: ToolUse, outcome: ToolOutcome) -> None:
        self.tape.tool_result(use, outcome)
        if recorded := self._answered.pop(use, None):
            clean = replace(outcome, value=self.secrets.live.value(outcome.value))
            asker = use.parent.name if use.parent else None
            if finding := answered_otherwise(recorded, clean, asker):
                self._findings.append(finding)

    def on_note(self, note: Note) -> None:
        self.tape.note(note)

    def may_deliver(
        self, answer: Response | Failure | ToolOutcome, *, settled_for: float = 0.0
    ) -> bool:
        return self._turns.may_deliver(answer, settled_for)

    def warn(self, message: str) -> None:
        self.tape.warn(message)

    def on_escape(self, host: str, message: str) -> None:
        """The run tried to reach a host by a way that is not recorded; it was refused."""
        if is_telemetry("CONNECT", f"https://{host}"):
            return
        said, *detail = message.splitlines()
        finding = Finding(code=Reason.LIVE_CALL, message=said, detail=tuple(detail))
        with self._lock:
            if finding not in self._findings:
                self._findings.append(finding)

    def trace(self) -> Trace:
        """What has happened so far."""
        seen = Assembly(self._clock, self._price).trace(self.tape.events)
        return without_secrets(seen, self.secrets, self.secrets.live)[0]

    def finish(self) -> Replay:
        """The whole run and its journal."""
        assembly = Assembly(self._clock, self._price)
        seen = assembly.trace(self.tape.events)
        self.secrets.look_around()
        trace, redactor = without_secrets(seen, self.secrets, self.secrets.live)
        notices = (*self.tape.warnings, *assembly.unread, *undeclared_notices(trace))
        outcome = redacted_outcome(self.golden.expected_outcome, redactor)
        return Replay(
            _cleaned(self.golden, redactor).model_copy(update={"expected_outcome": outcome}),
            self.spec,
            trace,
            tuple(_redacted(f, redactor) for f in (*self._findings, *self._pins.findings)),
            self._counts(),
            tuple(map(redactor.text, notices)),
            self.tape.effects,
            redactor,
        )

    def _clean(self, asked: Asked) -> Asked:
        return asked.without_secrets(self.secrets.live)

    def _expected(self, event: HttpEvent) -> Exchange | None:
        """The next step, when nothing has changed since it was recorded."""
        if self.spec.modified or event.source:
            return None
        return self._exchanges.expected(event.request)

    def _recorded(self, asked: Asked) -> Exchange | None:
        """The step that holds exactly this answer, where answers still come from the golden."""
        fork = self.spec.fork_from_step
        if fork is None or not is_llm(asked.method, asked.path):
            return None if self._live.touches(asked) else self._exchanges.equal(asked)
        return self._exchanges.equal(asked, before=fork) or self._drifted(asked, fork)

    def _drifted(self, asked: Asked, fork: int) -> Exchange | None:
        """The step before the fork that a request resembles.

        A request of a later step resembles those of its neighbours, too, and so does one that
        follows from a live answer: neither has drifted.
        """
        if self._went_live or self._exchanges.holds(asked):
            return None
        return self._exchanges.aligned(asked, before=fork)

    def _resembling(self, asked: Asked) -> Exchange | None:
        """What comes nearest, so that one report shows the whole run; the diff tells on it."""
        return None if self.spec.modified else self._exchanges.aligned(asked)

    def _served(self, event: HttpEvent, step: Exchange) -> Response | Failure:
        assert step.http is not None
        answer = to_response(step.http, now_ns=time.monotonic_ns())
        self._turns.hold(answer, step)
        self.tape.response(event.sent, answer)
        return answer

    def _pinned(self, request: Request, asked: Asked) -> tuple[Request, Asked]:
        """The request with recorded results of tools that nobody declared."""
        if not self._has_code:
            return request, asked
        pinned = self._pins.pinned(asked, is_declared=self.tape.has_tool)
        if pinned is asked:
            return request, asked
        return replace(request, body=dump(pinned.body)), pinned

    def _sent(self, event: HttpEvent, asked: Asked) -> Request | Detour | Response:
        try:
            changed = self._live.changed(*self._pinned(event.sent, asked))
        except CannotSend as problem:
            return self._unsendable(event, str(problem))
        self._went_live = True
        out = changed.outgoing if isinstance(changed, Detour) else changed
        self.secrets.see(out.headers)
        self.tape.resent(event, changed.request if isinstance(changed, Detour) else changed)
        return changed

    def _unsendable(self, event: HttpEvent, problem: str) -> Response:
        message = f"LLM call {self._asked} cannot be sent with {self.spec.changes.describe()}"
        return self._answered_by(Finding(Reason.NOT_SENT, message, (problem,)), event)

    def _refused(self, event: HttpEvent, asked: Asked) -> Response:
        finding = misses.unanswered(self.golden, self._exchanges, asked, self._asked)
        return self._answered_by(finding, event)

    def _answered_by(self, finding: Finding, event: HttpEvent) -> Response:
        """The agent is told by its provider's error what the journal holds against it."""
        self._findings.append(finding)
        event.refused = True
        answer = misses.refusal(finding)
        self.tape.response(event.sent, answer)
        return answer

    def _refuse_tool(self, use: ToolUse, finding: Finding) -> NoReturn:
        self.tape.tool_result(use, ToolOutcome(error=f"NoRecordedAnswer: {finding.message}"))
        raise NoRecordedAnswer("\n".join((finding.message, *finding.detail)))

    def _counts(self) -> Counts:
        calls = [event for event in self.tape.events if isinstance(event, HttpEvent)]
        served = [event.source for event in calls if isinstance(event.source, LlmCall)]
        return Counts(
            llm_served=len(served),
            llm_live=sum(
                event.source is None
                and not event.refused
                and is_llm(event.request.method, event.request.url)
                for event in calls
            ),
            tokens_saved=sum((step.tokens for step in served if step.tokens), Tokens()),
            usd_saved=round(sum(step.cost or 0.0 for step in served), 10),
            unpriced_saved=sum(step.is_unpriced for step in served),
        )


def _cleaned(golden: Golden, redactor: Redactor, *kinds: type[Step]) -> Golden:
    """What counts as a secret here and now may have gone into the golden as a plain text.

    With `kinds`, only steps of these are looked through.
    """
    variants = tuple(cleaned(trace, redactor, *kinds) for trace in golden.variants)
    return golden.model_copy(
        update={"trace": cleaned(golden.trace, redactor, *kinds), "variants": variants}
    )


def _redacted(finding: Finding, redactor: Redactor) -> Finding:
    detail = tuple(map(redactor.text, finding.detail))
    return replace(finding, message=redactor.text(finding.message), detail=detail)
