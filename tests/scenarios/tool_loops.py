"""One agent, written with each SDK and in each style: asks, runs two tools at once, answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import anthropic
import openai

SYSTEM = "You know the weather."
QUESTION = "How is the weather in Porto and in Lisbon?"
SCHEMA: Any = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}

Tool = Callable[[str], str]


class Chat:
    """OpenAI chat completions."""

    model = "gpt-5.2"
    tools: Any = ({"type": "function", "function": {"name": "weather", "parameters": SCHEMA}},)

    def __init__(self) -> None:
        self.messages: list[Any] = [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": QUESTION},
        ]

    @property
    def asked(self) -> Any:
        return {"model": self.model, "messages": self.messages, "tools": list(self.tools)}

    def took(self, completion: Any, tool: Tool) -> str | None:
        """The answer, or None after running the tools it asked for."""
        message = completion.choices[0].message
        assert completion.choices[0].finish_reason == (
            "tool_calls" if message.tool_calls else "stop"
        )
        self.messages.append(message.model_dump(exclude_none=True))
        for call in message.tool_calls or ():
            result = tool(json.loads(call.function.arguments)["city"])
            self.messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return None if message.tool_calls else message.content

    def sync(self, tool: Tool) -> str:
        with openai.OpenAI(max_retries=1) as api:
            while True:
                if said := self.took(api.chat.completions.create(**self.asked), tool):
                    return said

    def stream(self, tool: Tool) -> str:
        with openai.OpenAI(max_retries=1) as api:
            while True:
                with api.chat.completions.stream(**self.asked) as events:
                    if said := self.took(events.get_final_completion(), tool):
                        return said

    async def asynchronous(self, tool: Tool) -> str:
        async with openai.AsyncOpenAI(max_retries=1) as api:
            while True:
                if said := self.took(await api.chat.completions.create(**self.asked), tool):
                    return said

    async def async_stream(self, tool: Tool) -> str:
        async with openai.AsyncOpenAI(max_retries=1) as api:
            while True:
                async with api.chat.completions.stream(**self.asked) as events:
                    if said := self.took(await events.get_final_completion(), tool):
                        return said


class Functions(Chat):
    """OpenAI chat completions in the words of 2023, one call at a time."""

    tools: Any = ({"name": "weather", "parameters": SCHEMA},)

    @property
    def asked(self) -> Any:
        return {"model": self.model, "messages": self.messages, "functions": list(self.tools)}

    def took(self, completion: Any, tool: Tool) -> str | None:
        message = completion.choices[0].message
        call = message.function_call
        assert completion.choices[0].finish_reason == ("function_call" if call else "stop")
        assert not message.tool_calls
        self.messages.append(message.model_dump(exclude_none=True))
        if call:
            result = tool(json.loads(call.arguments)["city"])
            self.messages.append({"role": "function", "name": call.name, "content": result})
        return None if call else message.content


class Responses:
    """OpenAI responses."""

    model = "gpt-5.2"
    tools: Any = ({"type": "function", "name": "weather", "parameters": SCHEMA, "strict": True},)

    def __init__(self) -> None:
        self.items: list[Any] = [{"role": "user", "content": QUESTION}]

    @property
    def asked(self) -> Any:
        return {
            "model": self.model,
            "input": self.items,
            "instructions": SYSTEM,
            "tools": list(self.tools),
            "store": False,
        }

    def took(self, response: Any, tool: Tool) -> str | None:
        assert response.status == "completed"
        self.items += [item.model_dump(exclude_none=True) for item in response.output]
        calls = [item for item in response.output if item.type == "function_call"]
        for call in calls:
            result = tool(json.loads(call.arguments)["city"])
            self.items.append(
                {"type": "function_call_output", "call_id": call.call_id, "output": result}
            )
        return None if calls else response.output_text

    def sync(self, tool: Tool) -> str:
        with openai.OpenAI(max_retries=1) as api:
            while True:
                if said := self.took(api.responses.create(**self.asked), tool):
                    return said

    def stream(self, tool: Tool) -> str:
        with openai.OpenAI(max_retries=1) as api:
            while True:
                with api.responses.stream(**self.asked) as events:
                    if said := self.took(events.get_final_response(), tool):
                        return said

    async def asynchronous(self, tool: Tool) -> str:
        async with openai.AsyncOpenAI(max_retries=1) as api:
            while True:
                if said := self.took(await api.responses.create(**self.asked), tool):
                    return said

    async def async_stream(self, tool: Tool) -> str:
        async with openai.AsyncOpenAI(max_retries=1) as api:
            while True:
                async with api.responses.stream(**self.asked) as events:
                    if said := self.took(await events.get_final_response(), tool):
                        return said


class Messages:
    """Anthropic messages."""

    model = "claude-sonnet-5"
    tools: Any = ({"name": "weather", "input_schema": SCHEMA},)

    def __init__(self) -> None:
        self.messages: list[Any] = [{"role": "user", "content": QUESTION}]

    @property
    def asked(self) -> Any:
        return {
            "model": self.model,
            "max_tokens": 300,
            "system": SYSTEM,
            "messages": self.messages,
            "tools": list(self.tools),
        }

    def took(self, message: Any, tool: Tool) -> str | None:
        uses = [block for block in message.content if block.type == "tool_use"]
        assert message.stop_reason == ("tool_use" if uses else "end_turn")
        said = [block.model_dump(exclude_none=True) for block in message.content]
        self.messages.append({"role": "assistant", "content": said})
        results = [
            {"type": "tool_result", "tool_use_id": use.id, "content": tool(use.input["city"])}
            for use in uses
        ]
        if results:
            self.messages.append({"role": "user", "content": results})
        return None if uses else message.content[-1].text

    def sync(self, tool: Tool) -> str:
        with anthropic.Anthropic(max_retries=1) as api:
            while True:
                if said := self.took(api.messages.create(**self.asked), tool):
                    return said

    def stream(self, tool: Tool) -> str:
        with anthropic.Anthropic(max_retries=1) as api:
            while True:
                with api.messages.stream(**self.asked) as events:
                    if said := self.took(events.get_final_message(), tool):
                        return said

    async def asynchronous(self, tool: Tool) -> str:
        async with anthropic.AsyncAnthropic(max_retries=1) as api:
            while True:
                if said := self.took(await api.messages.create(**self.asked), tool):
                    return said

    async def async_stream(self, tool: Tool) -> str:
        async with anthropic.AsyncAnthropic(max_retries=1) as api:
            while True:
                async with api.messages.stream(**self.asked) as events:
                    if said := self.took(await events.get_final_message(), tool):
                        return said


AGENTS: dict[str, type[Chat | Responses | Messages]] = {
    "chat": Chat,
    "functions": Functions,
    "responses": Responses,
    "messages": Messages,
}
STYLES = ("sync", "stream", "asynchronous", "async_stream")


def run(kind: str, style: str, tool: Tool) -> str:
    """What the agent answers in the end."""
    said = getattr(AGENTS[kind](), style)(tool)
    return said if isinstance(said, str) else asyncio.run(said)
