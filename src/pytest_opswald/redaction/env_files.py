"""Values that a `.env` file sets, read and not exported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .known import in_environment

_ASSIGNMENT = re.compile(
    r"""
    ^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*[=:][ \t]*
    (?: "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>[^']*)' | (?P<plain>[^\r\n]*) )
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"(?:^|\s)#.*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


def secrets_in(text: str) -> Iterator[tuple[str, str]]:
    """Values with a secret name or a secret shape, and what to call them."""
    for found in _ASSIGNMENT.finditer(text):
        yield from in_environment({found["name"]: _value(found)})


def _value(found: re.Match[str]) -> str:
    if (double := found["double"]) is not None:
        return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), double)
    if (single := found["single"]) is not None:
        return single
    return _COMMENT.sub("", found["plain"]).strip()
