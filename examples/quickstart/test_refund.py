"""The agent refunds what the customer paid; the golden says how."""

from agent import support_agent


def test_refund(opswald):
    support_agent("Refund order 42, please.")
