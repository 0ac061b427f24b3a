"""Steps that nobody told and that follow from the messages."""

from __future__ import annotations

from pytest_opswald.trace.steps import Error, LlmCall, Response, ToolCall, ToolResult, UserInput
from tests.engine.runs import answer, ask, chat, recorded, recorder, result, run_tool, say

LOOKUP = ("call_1", "lookup_order", {"order_id": 42})
ASKED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "lookup_order", "arguments": '{"order_id": 42}'},
        }
    ],
}
QUESTION = {"role": "user", "content": "Where is order 42?"}


def with_result() -> dict[str, object]:
    return {"model": "gpt-5.2", "messages": [QUESTION, ASKED, result("call_1", "shipped")]}


def test_the_first_question_is_a_user_input_and_the_last_answer_a_response():
    """What the user said and what the agent said in the end frame the run."""
    trace = recorded((ask("Hello"), say("Hi there")))

    assert [type(step) for step in trace.steps] == [UserInput, LlmCall, Response]
    assert trace.steps[0].message == "Hello"
    assert trace.final_message == "Hi there"


def test_every_turn_of_a_chat_is_a_user_input():
    """A request that goes on talking says what the user said last, once."""
    trace = recorded((ask("Hello"), say("Hi")), (ask("Hello", "Hi", "Bye"), say("Bye bye")))

    said = [step.message for step in trace.steps if isinstance(step, UserInput)]
    assert said == ["Hello", "Bye"]


def test_an_undeclared_tool_is_read_off_the_next_request():
    """Call and result of a tool nobody wrapped stand where the result was handed on."""
    trace = recorded(
        (chat({"model": "gpt-5.2", "messages": [QUESTION]}), say(None, LOOKUP)),
        (chat(with_result()), say("Shipped.")),
    )

    call, outcome = trace.steps[2:4]
    assert isinstance(call, ToolCall)
    assert isinstance(outcome, ToolResult)
    assert not call.declared
    assert call.input.arguments == {"order_id": 42}
    assert outcome.output.result == "shipped"


def test_a_declared_tool_takes_the_call_id_and_is_not_told_twice():
    """The call that was seen and the call that the messages tell are one."""
    engine = recorder()
    first = chat({"model": "gpt-5.2", "messages": [QUESTION]})
    engine.on_request(first)
    engine.on_response(first, say(None, LOOKUP))
    run_tool(engine, "lookup_order", lambda: "shipped", order_id=42, verbose=False)
    second = chat(with_result())
    engine.on_request(second)
    engine.on_response(second, say("Shipped."))

    calls = [step for step in engine.trace().steps if isinstance(step, ToolCall)]
    assert [(call.declared, call.input.tool_call_id) for call in calls] == [(True, "call_1")]
    assert engine.finish().notices == ()


def test_undeclared_tools_are_named():
    """The author is told which tools a replay would run for real."""
    engine = recorder()
    for request, response in (
        (chat({"model": "gpt-5.2", "messages": [QUESTION]}), say(None, LOOKUP)),
        (chat(with_result()), say("Shipped.")),
    ):
        engine.on_request(request)
        engine.on_response(request, response)

    (notice,) = engine.finish().notices
    assert "lookup_order is not declared as a tool" in notice


def test_a_run_that_ends_in_a_provider_error_ends_in_an_error_step():
    """An LLM call that failed for good makes the whole run an error."""
    refusal = {"error": {"message": "no such model", "type": "invalid_request_error"}}
    trace = recorded((ask("Hello"), answer(404, refusal)))

    assert isinstance(trace.steps[-1], Error)
    assert trace.status == "error"
    assert "no such model" in trace.steps[-1].error.message
