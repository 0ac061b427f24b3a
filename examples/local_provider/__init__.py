"""A model provider on this machine that says what a script tells it, in real wire formats.

    from local_provider import Call, Provider, Say

    with Provider([Call("lookup_order", order_id=42), Say("It ships tomorrow.")]) as provider:
        client = OpenAI(base_url=f"{provider.url}/v1", api_key="any")
        ...
    assert provider.requests[0].body["model"] == "gpt-5.2"

It speaks OpenAI chat completions, OpenAI responses and Anthropic messages, as JSON and as a
stream of events. Standard library only.
"""

from .ask import Ask
from .provider import Provider
from .script import Call, Drop, Fail, Refuse, Reply, Say, Script, Think, Wait

__all__ = [
    "Ask",
    "Call",
    "Drop",
    "Fail",
    "Provider",
    "Refuse",
    "Reply",
    "Say",
    "Script",
    "Think",
    "Wait",
]
