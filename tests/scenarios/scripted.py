"""The model that all scenarios talk to, and the form in which their results are compared."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from local_provider import Ask, Call, Drop, Fail, Refuse, Reply, Say, Think


class City(BaseModel):
    """What the structured-output scenarios ask for."""

    name: str
    country: str


def model(ask: Ask) -> Reply:
    """Replies by the prompt alone, so that it needs no memory and no order."""
    match ask.prompt.split()[0]:
        case "weather" if not ask.results:
            return [
                Think("Two cities, two calls."),
                Say("Let me look."),
                Call("weather", city="Zürich", days=2),
                Call("weather", city="東京", days=1),
            ]
        case "refuse":
            return Refuse("That I will not do.")
        case "city":
            return Say('{"name": "Paris", "country": "France"}')
        case "busy":
            return Fail(429, "Slow down.", retry_after=0.01)
        case "wrong":
            return Fail(400, "Unsupported parameter: 'temperature'.")
        case "cut":
            return [Say("Half of an"), Drop()]
    return [Think("A greeting, then."), Say(f"Héllo wörld — 你好, you said: {ask.prompt}")]


def plain(value: Any) -> Any:
    """The same for two results when a user could not tell them apart."""
    match value:
        case BaseModel():
            return type(value).__name__, value.model_dump(mode="json", warnings=False)
        case BaseException():
            return type(value).__name__, str(value), plain(getattr(value, "body", None))
        case list() | tuple():
            return [plain(item) for item in value]
    return value
