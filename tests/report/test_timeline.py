"""A golden as a readable timeline."""

from __future__ import annotations

from pytest_opswald.report.paper import Paper
from pytest_opswald.report.timeline import timeline
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.outcome import parse_outcome
from pytest_opswald.trace.steps import (
    LlmCall,
    LlmInput,
    LlmOutput,
    Message,
    StepError,
    Tokens,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolResult,
    ToolResultInput,
)
from pytest_opswald.trace.trace import Trace
from tests.report.refund import GOLDEN


def shown(*steps, **golden):
    one = Golden(name="test_it", test="test_it", trace=Trace.of(steps), **golden)
    return "\n".join(timeline(one, Paper()))


def test_a_golden_reads_as_a_story():
    """Head, then every step: settings, words, tool arguments and results."""
    assert (
        "\n" + "\n".join(timeline(GOLDEN, Paper()))
        == """
test_refund  tests/test_refund.py::test_refund
  completed · 9 steps · 3 LLM calls · gpt-5.2 · 1,200 in, 90 tokens out · $0.006

  1 user_input
      Refund order 42

  2 llm_call  gpt-5.2  temperature 0 · 400 in, 30 tokens out · $0.002
      system     You are a helpful support agent. Look an order up before you
                 refund it.
      user       Refund order 42
      →          lookup_order(order_id=42)

  3 tool_call  lookup_order
      order_id = 42

  4 tool_result  lookup_order
      {"total": 19.9}

  5 llm_call  gpt-5.2  temperature 0 · 400 in, 30 tokens out · $0.002
      →          refund(order_id=42, amount=19.9)

  6 tool_call  refund
      order_id = 42
      amount = 19.9

  7 tool_result  refund
      ok

  8 llm_call  gpt-5.2  temperature 0 · 400 in, 30 tokens out · $0.002
      assistant  I refunded 19.90 EUR for order 42 to your card.

  9 response
      I refunded 19.90 EUR for order 42 to your card."""
    )


def test_what_is_expected_stands_above_the_steps():
    """As it was written by hand."""
    expected = parse_outcome({"status": "completed", "final_message": {"contains": ["HAT136"]}})

    lines = shown(expected_outcome=expected).splitlines()

    assert lines[2:] == [
        "",
        "expected outcome",
        '  status: "completed"',
        '  final_message: {"contains": ["HAT136"]}',
    ]


def test_a_conversation_is_told_once():
    """A call shows only what was not said before."""
    system = Message(role="system", content="Be kind.")
    first = Message(role="user", content="Hello")
    answer = Message(role="assistant", content="Hi!")
    second = Message(role="user", content="And now?")
    text = shown(
        LlmCall(input=LlmInput(messages=(system, first)), output=LlmOutput(content="Hi!")),
        LlmCall(
            input=LlmInput(messages=(system, first, answer, second)),
            output=LlmOutput(content="Later."),
        ),
    )

    assert [text.count(said) for said in ("Be kind.", "Hello", "Hi!", "And now?")] == [1, 1, 1, 1]


def test_errors_are_shown_where_they_happened():
    """Of the provider and of tools."""
    text = shown(
        LlmCall(
            input=LlmInput(), status="error", error=StepError(type="llm_error", message="busy")
        ),
        ToolResult(
            input=ToolResultInput(tool="refund"),
            output=ToolOutput(error="ValueError: too much"),
            status="error",
        ),
    )

    assert "      error      llm_error: busy\n" in text
    assert '      raised "ValueError: too much"' in text


def test_details_that_are_known_stand_beside_the_title():
    """Agent, settings, cached tokens, duration; undeclared tools are marked."""
    text = shown(
        LlmCall(
            agent="triage",
            input=LlmInput(model="gpt-5.2", temperature=0.5, max_tokens=100, stream=True),
            tokens=Tokens(input=1500, output=1, cached=1000),
            duration_ms=1234.5,
        ),
        ToolCall(input=ToolInput(tool="mail"), declared=False),
    )

    assert (
        "  1 llm_call  gpt-5.2\n"
        "      agent triage · temperature 0.5 · max tokens 100 · streamed · 1,500 (1,000\n"
        "      cached) in, 1 token out · 1,234 ms\n"
    ) in text
    assert "  2 tool_call  mail  undeclared" in text
