"""Replays and runs of golden tests: what is done between requests, and who does it."""
