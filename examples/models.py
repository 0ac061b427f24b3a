"""The models behind the examples: what the local provider says in place of a real one.

As in life, the small ones are cheaper and skip a step.
"""

from __future__ import annotations

from local_provider import Ask, Call, Reply, Say
from local_provider.support import SMALL, support_agent


def travel_agent(ask: Ask) -> Reply:
    if not ask.results:
        return [
            Say("Let me look at both cities."),
            Call("weather", city="Lisbon"),
            Call("weather", city="Porto"),
            Call("trains", city="Lisbon", day="Saturday"),
        ]
    return Say("Lisbon: it is sunny there, while Porto has rain. Take the train at 08:12.")


def returns_desk(ask: Ask) -> Reply:
    if not ask.results:
        return Call("lookup_order", order_id=7)
    if SMALL.search(ask.model):
        return _pays_at_once(ask)
    if len(ask.results) == 1:
        return Call("read_policy", topic="late returns")
    return Say("The 30 days for a refund are over, but I can offer you 32.25 EUR of store credit.")


def _pays_at_once(ask: Ask) -> Reply:
    if len(ask.results) == 1:
        return Call("refund", order_id=7, amount=64.5)
    return Say("Done! I have sent 64.50 EUR back to you.")


def on_call(ask: Ask) -> Reply:
    match len(ask.results):
        case 0:
            return Call("list_alerts", service="checkout")
        case 1:
            return [Call("read_logs", service="checkout"), Call("list_deploys", service="checkout")]
    if "one sentence" in ask.system:
        return Say("Roll back v218: it cut the connection pool to 50.")
    return Say(
        "Checkout fails because its connection pool is exhausted: 50 of 50 are in use. "
        "Version v218, deployed at 13:58, cut the pool from 200 to 50, and the errors began "
        "four minutes later. Roll v218 back, then raise the pool size in a new release."
    )


def triage(ask: Ask) -> Reply:
    if "log in" in ask.prompt:
        return Say('{"team": "engineering", "urgent": true}')
    return Say('{"team": "billing", "urgent": false}')


MODELS = {
    "quickstart": support_agent,
    "anthropic_tools": travel_agent,
    "model_swap": returns_desk,
    "fork_from_step": on_call,
    "github_actions": triage,
}
