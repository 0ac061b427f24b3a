"""The assistant traces an outage to the deploy that caused it, in whatever words."""

import asyncio

import pytest

from agent import on_call


@pytest.mark.opswald(expected_outcome={"final_message": {"contains": "v218"}})
def test_outage(opswald):
    asyncio.run(on_call("Checkout is failing. What do I do?"))
