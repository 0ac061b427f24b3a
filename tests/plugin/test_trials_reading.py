"""What one run of a test says as a trial."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pytest_opswald.diff.difference import Check
from pytest_opswald.plugin.trials_reading import is_trial, trial_of
from pytest_opswald.report.summary import Row, Summary
from pytest_opswald.trace.reasons import Reason
from pytest_opswald.trace.steps import HttpRecord, LlmCall, LlmInput, StepError, Tokens
from pytest_opswald.trace.trace import Trace


def call(*, error: str = "", **http: Any) -> LlmCall:
    """One LLM call with its exchange."""
    return LlmCall(
        input=LlmInput(),
        http=HttpRecord(format="openai_chat", url="https://api.openai.com", **http),
        tokens=Tokens(input=20, output=5),
        cost=0.001,
        status="error" if error else "ok",
        error=StepError(type="llm_error", message=error) if error else None,
    )


def summary(*steps: LlmCall, **given: Any) -> Summary:
    return Summary("golden", "test", "contract", "model=mini", run=Trace.of(steps), **given)


def report(*, failed: str = "") -> Any:
    """The call phase of a run."""
    crash = SimpleNamespace(reprcrash=SimpleNamespace(message=failed))
    return SimpleNamespace(passed=not failed, longrepr=crash, duration=1.25)


@pytest.mark.parametrize(
    "lost",
    [
        call(status=429, error="HTTP 429: slow down"),
        call(status=503, error="HTTP 503: overloaded"),
        call(status=408, error="HTTP 408: timeout"),
        call(failure=StepError(type="ReadTimeout", message="timed out"), error="ReadTimeout: …"),
        call(broke=StepError(type="ReadError", message="reset"), ended="error", error="ReadError"),
        call(status=200, error="overloaded_error within the stream"),
    ],
    ids=["429", "503", "408", "timeout", "broken body", "error in a stream"],
)
def test_provider_and_network_errors_are_no_verdict_on_the_agent(lost: LlmCall) -> None:
    """Whether the test passed in spite of them or not: excluding failures alone would flatter."""
    passed = trial_of(report(), summary(call(), lost))
    failed = trial_of(report(failed="boom"), summary(call(), lost))

    assert (passed.ended, failed.ended) == ("infra", "infra")
    assert passed.said == (lost.error and lost.error.message)


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_a_refused_request_is_a_failure_like_any_other(status: int) -> None:
    """A model that does not take a parameter never will."""
    refused = call(status=status, error=f"HTTP {status}: no")

    assert trial_of(report(failed="no"), summary(refused)).ended == "fail"


def test_an_error_that_was_recorded_is_part_of_the_story() -> None:
    """An agent that is tested on how it takes an error has had its trial."""
    error = call(status=503, error="HTTP 503: overloaded")
    recorded = Row("equal", error, error)

    assert trial_of(report(), summary(error, call(), rows=(recorded,))).ended == "pass"
    assert trial_of(report(), summary(error, error, rows=(recorded,))).ended == "infra"


@pytest.mark.parametrize(
    "code",
    [
        Reason.TOOL_FORBIDDEN,
        Reason.INVARIANT_BROKEN,
        Reason.LOOP_DETECTED,
        Reason.GUARDRAIL_CHANGED,
        Reason.EFFECT_EXTRA,
    ],
)
def test_what_must_never_happen_is_a_breach(code: Reason) -> None:
    """By its reason code, however the expectation is called."""
    checks = (Check("tools.forbidden", "fail", code=code), Check("status", "pass"))

    assert trial_of(report(failed="x"), summary(checks=checks)).breaches == ("tools.forbidden",)


def test_an_ordinary_failed_check_is_no_breach() -> None:
    """A rate may make up for it."""
    checks = (Check("final_message", "fail", code=Reason.OUTPUT_MISMATCH),)

    assert trial_of(report(failed="x"), summary(checks=checks)).breaches == ()


def test_a_trial_knows_what_it_used_and_the_first_line_of_what_failed() -> None:
    """Tokens and cost of all calls, the time of the test's body."""
    trial = trial_of(report(failed="assert 1 == 2\n  more"), summary(call(), call()))

    assert (trial.tokens, trial.cost_usd, trial.latency_ms) == (50, 0.002, 1250.0)
    assert trial.said == "assert 1 == 2"


def test_a_run_without_a_summary_is_judged_by_its_report() -> None:
    """The test failed before its golden had anything to say."""
    assert trial_of(report(failed="boom"), None).ended == "fail"


PHASE = SimpleNamespace(passed=True, skipped=False)


@pytest.mark.parametrize(
    "phases",
    [
        [PHASE, PHASE],
        [PHASE, SimpleNamespace(passed=False, skipped=True), PHASE],
        [PHASE, SimpleNamespace(passed=True, skipped=False, wasxfail=""), PHASE],
        [PHASE, PHASE, SimpleNamespace(passed=False, skipped=False)],
    ],
    ids=["set-up failed", "skipped", "xfail", "teardown failed"],
)
def test_a_test_that_is_no_trial_is_left_to_pytest(phases: list[Any]) -> None:
    """Skipped, expected to fail, or broken in its fixtures."""
    assert not is_trial(phases)
    assert is_trial([PHASE, PHASE, PHASE])
