"""The bundled provider says what its script says, the same in every format, streamed or whole."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from local_provider import Call, Drop, Fail, Provider, Refuse, Reply, Say, Think, Wait
from local_provider.support import support_agent

REPLIES: dict[str, Reply] = {
    "text": Say("Héllo 你好"),
    "several texts": [Say("one "), Wait(0), Say("two")],
    "thinking": [Think("let me see"), Say("done")],
    "tools": [Say("looking"), Call("look", at="ü"), Call("listen")],
    "refusal": Refuse("no"),
    "nothing": [],
}
CHAT = "/v1/chat/completions"
ASKED: Any = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def post(url: str, body: Any, **headers: str) -> Any:
    asked = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


def without(data: Any, *names: str) -> Any:
    """The same without fields that only a client's accumulation adds."""
    match data:
        case dict():
            return {k: without(v, *names) for k, v in data.items() if k not in names and v}
        case list():
            return [without(item, *names) for item in data]
    return data


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_chat_completions_add_up_to_the_whole_answer(reply: Reply) -> None:
    """The SDK's own accumulation of the stream is what it gets without streaming."""
    with (
        Provider(lambda ask: reply) as provider,
        openai.OpenAI(base_url=f"{provider.url}/v1", api_key="any") as api,
    ):
        whole = api.chat.completions.create(**ASKED)
        usage: Any = {"include_usage": True}
        with api.chat.completions.stream(**ASKED, stream_options=usage) as events:
            streamed = events.get_final_completion()

    added = ("index", "parsed", "parsed_arguments", "annotations")
    assert without(streamed.to_dict(), *added) == without(whole.to_dict(), *added)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_responses_add_up_to_the_whole_answer(reply: Reply) -> None:
    """The last event carries the answer that is sent without streaming."""
    with (
        Provider(lambda ask: reply) as provider,
        openai.OpenAI(base_url=f"{provider.url}/v1", api_key="any") as api,
    ):
        whole = api.responses.create(model="m", input="hello")
        with api.responses.stream(model="m", input="hello") as events:
            streamed = events.get_final_response()

    added = ("parsed", "parsed_arguments")
    assert without(streamed.to_dict(), *added) == without(whole.to_dict(), *added)


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_messages_add_up_to_the_whole_answer(reply: Reply) -> None:
    """The SDK's own accumulation of the stream is what it gets without streaming."""
    with (
        Provider(lambda ask: reply) as provider,
        anthropic.Anthropic(base_url=provider.url, api_key="any") as api,
    ):
        whole = api.messages.create(**ASKED, max_tokens=9)
        with api.messages.stream(**ASKED, max_tokens=9) as events:
            streamed = events.get_final_message()

    assert without(streamed.to_dict()) == without(whole.to_dict())


def test_a_list_of_replies_is_played_in_order() -> None:
    """Request by request; past its end the provider says so."""
    with Provider([Say("one"), Say("two")]) as provider:
        said = [post(provider.url + CHAT, ASKED)["choices"][0]["message"] for _ in range(2)]
        with pytest.raises(urllib.error.HTTPError) as caught:
            post(provider.url + CHAT, ASKED)
        complaint = json.load(caught.value)["error"]["message"]
        caught.value.close()

    assert [message["content"] for message in said] == ["one", "two"]
    assert complaint == "the script ends before request 3"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            CHAT,
            {
                "messages": [
                    {"role": "system", "content": "brief"},
                    {"role": "user", "content": [{"type": "text", "text": "hello"}]},
                    {"role": "assistant", "content": None, "tool_calls": []},
                    {"role": "tool", "tool_call_id": "1", "content": "sunny"},
                ]
            },
        ),
        (
            "/v1/responses",
            {
                "instructions": "brief",
                "input": [
                    {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
                    {"type": "function_call", "call_id": "1", "name": "w", "arguments": "{}"},
                    {"type": "function_call_output", "call_id": "1", "output": "sunny"},
                ],
            },
        ),
        (
            "/v1/messages",
            {
                "system": [{"type": "text", "text": "brief"}],
                "messages": [
                    {"role": "user", "content": "hello"},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "1"}]},
                    {
                        "role": "user",
                        "content": [
                            {"type": "tool_result", "tool_use_id": "1", "content": "sunny"}
                        ],
                    },
                ],
            },
        ),
    ],
    ids=["chat", "responses", "messages"],
)
def test_a_script_sees_one_conversation_in_every_format(path: str, body: Any) -> None:
    """System prompt, user's words and tool results read the same."""
    with Provider(lambda ask: Say("fine")) as provider:
        post(provider.url + path, {"model": "m", **body}, Authorization="Bearer key")

    [ask] = provider.requests
    assert (ask.model, ask.system, ask.prompt, ask.results) == ("m", "brief", "hello", ("sunny",))
    assert ask.headers["authorization"] == "Bearer key"


def test_the_same_question_gets_the_same_ids() -> None:
    """Whole or streamed, today or tomorrow: goldens do not change by themselves."""
    with Provider(lambda ask: Call("look")) as provider:
        one, two = (post(provider.url + CHAT, ASKED) for _ in range(2))
        other = post(provider.url + CHAT, {**ASKED, "model": "n"})

    assert one == two
    assert one["id"] != other["id"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_errors_have_a_status_and_say_when_to_retry(stream: bool) -> None:
    """A failure is JSON whatever was asked for."""
    with Provider([Fail(429, "slow down", retry_after=2)]) as provider:
        with pytest.raises(urllib.error.HTTPError) as caught:
            post(provider.url + CHAT, {**ASKED, "stream": stream})
        answer = json.load(caught.value)
        caught.value.close()

    assert caught.value.code == 429
    assert caught.value.headers["retry-after"] == "2"
    assert answer["error"]["type"] == "rate_limit_error"


def test_connections_are_kept_and_counted() -> None:
    """One client, one connection; nothing after the provider has stopped."""
    with (
        Provider(lambda ask: Say("hi")) as provider,
        openai.OpenAI(base_url=f"{provider.url}/v1", api_key="any", max_retries=0) as api,
    ):
        api.chat.completions.create(**ASKED)
        api.chat.completions.create(**ASKED)
        provider.stop()
        with pytest.raises(openai.APIConnectionError):
            api.chat.completions.create(**ASKED)

    assert provider.connections == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_connection_can_be_cut(stream: bool) -> None:
    """A dropped reply is no clean end."""
    with Provider([[Say("half"), Drop()]]) as provider:
        host, port = provider.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port))
        connection.request("POST", CHAT, json.dumps({**ASKED, "stream": stream}))
        with pytest.raises((http.client.RemoteDisconnected, http.client.IncompleteRead)):
            connection.getresponse().read()
        connection.close()


def test_replies_can_be_held_back() -> None:
    """A script can wait for a test."""
    released = threading.Event()
    with Provider([[Wait(released), Say("at last")]]) as provider:
        answers: list[Any] = []
        thread = threading.Thread(target=lambda: answers.append(post(provider.url + CHAT, ASKED)))
        thread.start()
        assert answers == []
        released.set()
        thread.join()

    assert answers[0]["choices"][0]["message"]["content"] == "at last"


@pytest.mark.parametrize(
    ("path", "key"),
    [("/v1/embeddings", "data"), ("/v1/messages/count_tokens", "input_tokens"), ("/else", "echo")],
)
def test_other_paths_answer_plausibly(path: str, key: str) -> None:
    """What is no conversation is answered all the same, and noted."""
    with Provider([]) as provider:
        assert key in post(provider.url + path, {"model": "m", "input": ["a"]})

    assert provider.requests[0].path == path


@pytest.mark.parametrize(
    ("model", "tools"),
    [("gpt-5.2", ["lookup_order", "refund"]), ("gpt-5.2-mini", ["lookup_order"])],
)
def test_the_demo_model_refunds_and_its_small_sister_pretends(model: str, tools: list[str]) -> None:
    """The regression that a model swap should find."""
    messages: list[Any] = [{"role": "user", "content": "Refund order 42, please."}]
    called: list[str] = []
    with Provider(support_agent) as provider:
        while True:
            answer = post(provider.url + CHAT, {"model": model, "messages": messages})
            said = answer["choices"][0]["message"]
            if not (calls := said.get("tool_calls")):
                break
            messages.append(said)
            for call in calls:
                called.append(call["function"]["name"])
                result = '{"total": 19.9, "currency": "EUR"}'
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})

    assert called == tools
    assert "refunded" in said["content"]


@pytest.mark.parametrize("command", ["folder", "module"])
def test_it_runs_by_itself(command: str) -> None:
    """Started as a folder or as a module it prints its URL and serves the demo."""
    examples = Path(__file__).parents[2] / "examples"
    arguments = (
        [str(examples / "local_provider")] if command == "folder" else ["-m", "local_provider"]
    )
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=examples, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        answer = post(url + CHAT, {"model": "m", "messages": [{"role": "user", "content": "hi"}]})
        process.terminate()

    assert answer["choices"][0]["message"]["content"] == "Which order is it about?"
