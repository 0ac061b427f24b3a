"""The agent refunds what the customer paid."""

from agent import support_agent


def test_refund(opswald):
    reply = support_agent("Refund order 42, please.")

    assert "19.9 EUR" in reply
