"""Exchanges written down shortly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_opswald.trace.steps import HttpRecord, SseEvent

PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
}
REQUESTS: dict[str, dict[str, Any]] = {
    "openai_chat": {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hi"}]},
    "openai_responses": {"model": "gpt-5.2", "input": "Hi"},
    "anthropic": {
        "model": "claude-sonnet-5",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": "Hi"}],
    },
}


@pytest.fixture
def exchange() -> Callable[..., HttpRecord]:
    """`exchange("anthropic", body={...})` or `exchange("openai_chat", stream=[{...}, "[DONE]"])`."""

    def of(name: str, request: Any = None, *, stream: Any = None, **known: Any) -> HttpRecord:
        if stream is not None:
            known["events"] = tuple(SseEvent(data=data) for data in stream)
        return HttpRecord(
            format=name,
            url=f"http://localhost{PATHS[name]}",
            request=REQUESTS[name] if request is None else request,
            **known,
        )

    return of
