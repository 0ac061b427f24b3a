"""Private keys in PEM armour, found by a scan that passes over a text once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .spans import Span

RULE = "private-key"
_BEGIN = "-----BEGIN "
_HEADER = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,60}-----")
_ARMOUR = re.compile(r"[A-Za-z0-9+/=\s\\:,.-]*")
_LINES = re.compile(r"(?:[A-Za-z0-9+/=]{20,}|\\[nrt]|\s)*")
"""Body of a block whose end was cut off."""


def private_keys(text: str) -> Iterator[Span]:
    """Every block from its header to its end, line breaks as they are or escaped."""
    at = text.find(_BEGIN)
    while at >= 0:
        header = _HEADER.match(text, at)
        if header is None:
            at = text.find(_BEGIN, at + len(_BEGIN))
            continue
        end = _end_of_block(text, header.end())
        yield Span(at, end, RULE, RULE)
        at = text.find(_BEGIN, end)


def _end_of_block(text: str, start: int) -> int:
    armour = _run(_ARMOUR, text, start)
    closing = text.find("-----END ", start, armour + len("-----END "))
    if closing < 0:
        return _run(_LINES, text, start)
    footer = _END.match(text, closing)
    return footer.end() if footer else closing


def _run(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start
