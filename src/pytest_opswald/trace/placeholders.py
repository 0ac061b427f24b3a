"""What stands in a trace where a secret stood: `‹redacted:api-key#1›`.

Kind and number tell readers which places held the same secret. They take no part in comparing:
another machine has another key, in another variable, or none.
"""

from __future__ import annotations

import re

_OPENING = "‹redacted:"
PLACEHOLDER = re.compile(r"‹redacted:([a-z0-9.-]+)#(\d{1,9})›")
"""Groups: kind, number."""
_WRITTEN = re.compile(
    r"(?:‹|\\+u2039|%E2%80%B9)redacted(?::|%3A)[a-z0-9.-]+(?:#|%23)\d{1,9}(?:›|\\+u203[aA]|%E2%80%BA)"
)
"""The same after an agent that was served one has put it into JSON or into a URL."""


def placeholder(kind: str, number: int) -> str:
    """The text that replaces a secret; `kind` is lower case with dots and dashes."""
    return f"{_OPENING}{kind}#{number}›"


def holds_placeholder(text: str) -> bool:
    return _OPENING in text


def anonymous(text: str) -> str:
    """The text with every placeholder alike, however it is written."""
    return _WRITTEN.sub("‹redacted›", text) if "redacted" in text else text
