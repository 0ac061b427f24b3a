"""What is asked around a run, where no golden could hold it."""

from __future__ import annotations

import json

import pytest

from pytest_opswald.capture.handler import ToolUse
from pytest_opswald.engine.refusing import Refusing
from pytest_opswald.errors import NoRecordedAnswer
from pytest_opswald.exchange import Request, Response

CALL = Request("POST", "https://api.openai.com/v1/chat/completions", (), b"{}")
SAID = "POST /v1/chat/completions was called too late\nCall earlier."


def test_an_llm_call_is_refused_and_told_once() -> None:
    """As an HTTP 400, which no SDK tries again; agents may swallow it, so it is kept."""
    handler = Refusing("was called too late\nCall earlier.")

    answers = [handler.on_request(CALL), handler.on_request(CALL)]

    assert all(isinstance(answer, Response) and answer.status == 400 for answer in answers)
    assert isinstance(answers[0], Response)
    assert json.loads(answers[0].body)["error"]["message"] == f"opswald: {SAID}"
    assert (handler.refused(), handler.refused()) == ((SAID,), ())


def test_other_traffic_is_let_through() -> None:
    """What fixtures ask of servers that are no LLMs is their own affair."""
    handler = Refusing("was called too late")

    assert handler.wants("POST", CALL.url, {}, in_process=False)
    assert not handler.wants("GET", "https://staging.example.com/orders", {}, in_process=False)


def test_tools_are_refused_where_they_must_not_run() -> None:
    """Elsewhere they run, and are part of nothing."""
    use = ToolUse("refund", {"order_id": 42})
    late = Refusing("was called too late", tools=True)

    with pytest.raises(NoRecordedAnswer, match="tool refund was called too late"):
        late.on_tool_call(use)

    assert late.refused() == ("tool refund was called too late",)
    assert Refusing("was called by a fixture").on_tool_call(use) is None
