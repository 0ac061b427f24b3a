"""The agent recommends the dry city and names a train."""

from agent import travel_agent


def test_weekend_trip(opswald):
    reply = travel_agent("Lisbon or Porto on Saturday?")

    assert "Lisbon" in reply
    assert "08:12" in reply
