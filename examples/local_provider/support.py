"""A support agent's model for the demo: looks an order up, refunds it, then answers.

A small model ("mini", "nano", "haiku" in its name) looks the order up too, but then promises
what it never did: the regression that a model swap should find.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import threading

from .ask import Ask
from .provider import Provider
from .script import Call, Reply, Say

SMALL = re.compile(r"mini|nano|haiku")


def support_agent(ask: Ask) -> Reply:
    order_id = _order_in(ask.prompt)
    if order_id is None:
        return Say("Which order is it about?")
    if not ask.results:
        return Call("lookup_order", order_id=order_id)
    order = _first_dict(ask.results)
    if SMALL.search(ask.model):
        return Say(f"I have refunded order {order_id}. The money arrives within 30 days.")
    if len(ask.results) == 1:
        return Call("refund", order_id=order_id, amount=order.get("total", 0))
    amount, currency = order.get("total", 0), order.get("currency", "EUR")
    return Say(f"Order {order_id} is refunded: {amount} {currency} arrive within 3 days.")


def _order_in(prompt: str) -> int | None:
    found = re.search(r"\d+", prompt)
    return int(found.group()) if found else None


def _first_dict(results: tuple[str, ...]) -> dict[str, object]:
    try:
        order = json.loads(results[0])
    except ValueError:
        return {}
    return order if isinstance(order, dict) else {}


def main() -> None:
    options = argparse.ArgumentParser(prog="local_provider", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0 picks a free one")
    with Provider(support_agent, port=options.parse_args().port) as provider:
        print(provider.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
