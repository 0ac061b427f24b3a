"""Private keys in PEM armour, found by a scan that passes over a text once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Span

RULE = "private-key"
_BEGIN, _END = "-----BEGIN ", "-----END "
_HEADER = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
_FOOTER = re.compile(r"-----END [A-Z0-9 ]{0,60}-----")
_LINES = re.compile(r"(?:[A-Za-z0-9+/=]{20,}|\\[nrt]|\s)*")
"""Body of a block whose end was cut off."""
_LONGEST = 20_000
"""Characters of a block; an end further away belongs to another."""


def private_keys(text: str) -> Iterator[Span]:
    """Every block from its header to its end, line breaks as they are or escaped."""
    at = text.find(_BEGIN)
    while at >= 0:
        header = _HEADER.match(text, at)
        following = text.find(_BEGIN, at + len(_BEGIN))
        if header:
            end = _end_of_block(text, header.end(), following if following >= 0 else len(text))
            yield Span(at, end, RULE, RULE)
        at = following


def _end_of_block(text: str, start: int, limit: int) -> int:
    closing = text.find(_END, start, min(limit, start + _LONGEST))
    if closing >= 0:
        footer = _FOOTER.match(text, closing)
        return footer.end() if footer else closing
    rest = _LINES.match(text, start)
    return rest.end() if rest else start
