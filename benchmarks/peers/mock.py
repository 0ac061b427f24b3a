"""A client whose wire is the library's own mock, which vcrpy and others know how to record."""

from __future__ import annotations

import httpx2
from openai import OpenAI

from benchmarks.conversations import BASE_URL, KEY, Conversation


def mock_client(conversation: Conversation) -> OpenAI:
    answers = iter(conversation.answers)
    headers = {"content-type": conversation.content_type}

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers=headers, content=b"".join(next(answers)))

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    return OpenAI(api_key=KEY, base_url=BASE_URL, max_retries=0, http_client=http)
