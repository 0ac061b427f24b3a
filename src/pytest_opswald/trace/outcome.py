"""What must hold when a golden is replayed."""

from __future__ import annotations

from pytest_opswald.trace.document import Document


class ExpectedOutcome(Document):
    """Hand-editable expectations."""
