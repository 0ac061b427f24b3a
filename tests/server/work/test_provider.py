"""Whom replays may ask, and what an answer costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pytest_opswald.api.replays import Modifications
from pytest_opswald.api.steps import Step
from pytest_opswald.exchange import Request, Response
from pytest_opswald.interop.modifications import spec_of
from pytest_opswald.interop.receiving import from_api
from pytest_opswald.server.problems import ApiProblem
from pytest_opswald.server.work.provider import Provider, price
from tests.server.traces import STEPS

HEADERS = (("content-type", "application/json"),)


def asked(provider: Provider, model: str) -> None:
    at = {"timestamp": datetime(2026, 3, 17, tzinfo=UTC)}
    steps = [
        Step.model_validate(at | {"id": f"step_{n:03}", "step_number": n} | step)
        for n, step in enumerate(STEPS, start=1)
    ]
    recorded = from_api(tuple(steps))
    provider.check(spec_of(Modifications(model=model), recorded, None), recorded)


def test_a_model_without_a_price_is_named_in_full_or_not_asked() -> None:
    """No cap holds for it: a pattern may have been meant for others."""
    key = {"OPENAI_API_KEY": "key"}

    asked(Provider(key, ("my-tuned",)), "my-tuned")
    with pytest.raises(ApiProblem, match="The price of my-tuned is unknown") as refused:
        asked(Provider(key, ("my-*",)), "my-tuned")

    assert refused.value.problem.details == {
        "field": "modifications.model",
        "expected": "a server with --replay-models my-tuned",
    }


def test_an_answer_costs_what_its_model_costs_or_the_one_that_was_asked() -> None:
    """A name that nobody knows does not make it free."""
    body = json.dumps({"model": "gpt-5-mini", "messages": []}).encode()
    request = Request("POST", "https://api.openai.com/v1/chat/completions", HEADERS, body)

    def costs(model: str) -> float:
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        said = {"object": "chat.completion", "model": model, "choices": [], "usage": usage}
        return price(request, Response(200, HEADERS, (json.dumps(said).encode(),)))

    assert costs("house-blend") == costs("gpt-5-mini") > 0
