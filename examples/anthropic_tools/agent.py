"""A travel agent: the Anthropic SDK, streamed answers, two tools that may run side by side.

Nothing here knows of pytest-opswald: the test names the tools.
"""

from __future__ import annotations

from typing import Any

from anthropic import Anthropic

INSTRUCTIONS = "You plan weekend trips. Check the weather and the trains before you recommend one."


def weather(city: str) -> str:
    """A weather service, in real life."""
    return {"Lisbon": "21 °C, sunny", "Porto": "17 °C, rain"}.get(city, "unknown")


def trains(city: str, day: str) -> list[dict[str, str]]:
    """A timetable service, in real life."""
    return [
        {"to": city, "day": day, "departs": "08:12"},
        {"to": city, "day": day, "departs": "10:40"},
    ]


TOOLS = {"weather": weather, "trains": trains}


def travel_agent(question: str, *, model: str = "claude-sonnet-5") -> str:
    """Answer one traveller, calling tools until the LLM has nothing more to ask."""
    client = Anthropic()
    messages: list[Any] = [{"role": "user", "content": question}]
    while True:
        with client.messages.stream(
            model=model, max_tokens=1024, system=INSTRUCTIONS, messages=messages, tools=SCHEMAS
        ) as stream:
            answer = stream.get_final_message()
        messages.append({"role": "assistant", "content": answer.content})
        if answer.stop_reason != "tool_use":
            return "".join(block.text for block in answer.content if block.type == "text")
        messages.append({"role": "user", "content": _results_of(answer.content)})


def _results_of(content: Any) -> list[dict[str, Any]]:
    calls = [block for block in content if block.type == "tool_use"]
    results = [TOOLS[call.name](**call.input) for call in calls]
    return [
        {"type": "tool_result", "tool_use_id": call.id, "content": str(result)}
        for call, result in zip(calls, results, strict=True)
    ]


def _schema(name: str, description: str, *parameters: str) -> Any:
    return {
        "name": name,
        "description": description,
        "input_schema": {
            "type": "object",
            "properties": {key: {"type": "string"} for key in parameters},
            "required": list(parameters),
        },
    }


SCHEMAS = [
    _schema("weather", "Weather at a city this weekend.", "city"),
    _schema("trains", "Trains to a city on a day.", "city", "day"),
]
