"""The desk offers store credit, not money, for a lamp that came 45 days ago."""

from agent import returns_desk


def test_late_return(opswald):
    returns_desk("My lamp from order 7 flickers. I want my money back.")
