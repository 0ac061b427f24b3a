"""What must replay as it was recorded: name -> callable(provider URL) -> result.

Compare results with `plain`; the provider's script is `model`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import anthropic_calls, openai_calls, streams_to_no_end
from .scripted import model, plain

Scenario = Callable[[str], Any]

SCENARIOS: dict[str, Scenario] = {
    **openai_calls.SCENARIOS,
    **anthropic_calls.SCENARIOS,
    **streams_to_no_end.SCENARIOS,
}

__all__ = ["SCENARIOS", "Scenario", "model", "plain"]
