"""A golden: a trace that was accepted, and what must hold when it is replayed."""

from __future__ import annotations

from pydantic import Field

from .document import Document
from .outcome import ExpectedOutcome
from .trace import Trace

SCHEMA = 1
"""Version of the golden file; readers refuse a later one."""


class Golden(Document):
    """One recorded run of one test."""

    name: str
    """File name without `.json`."""
    test: str
    """Node id of the test that recorded it."""
    tags: tuple[str, ...] = ()
    expected_outcome: ExpectedOutcome = Field(default_factory=ExpectedOutcome)
    trace: Trace = Trace()
