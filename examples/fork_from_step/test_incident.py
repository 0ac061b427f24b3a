"""The assistant traces an outage to the deploy that caused it."""

import asyncio

from agent import on_call


def test_outage(opswald):
    advice = asyncio.run(on_call("Checkout is failing. What do I do?"))

    assert "v218" in advice
