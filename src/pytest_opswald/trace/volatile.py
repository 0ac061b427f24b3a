"""Equality of JSON documents, exact and up to values that change from run to run.

The volatile form is a key for matching and comparing requests only; what is stored, served and
judged as outcome is never changed.
"""

from __future__ import annotations

import json
import re
from string import ascii_letters, digits
from typing import Any

from .placeholders import anonymous

_VOLATILE = re.compile(
    r"""
    \b(?:
      (?P<uuid>[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)
    | (?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?
        (?:Z\b|[+-][0-9]{2}:?[0-9]{2}\b)?)
    | (?P<id>(?:call|toolu|srvtoolu|chatcmpl|msg|resp|rs|fc|ctc|run|req|item)_[A-Za-z0-9]{8,}\b
        | chatcmpl-[A-Za-z0-9-]{8,}\b)
    | (?P<hex>(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{32}\b)
    | (?P<epoch>(?<![.-])1[5-9][0-9]{8}(?:[0-9]{3}|[0-9]{6}|[0-9]{9})?(?:\.[0-9]{1,9})?(?![\w-]))
    )
    | (?P<path>(?:/private)?(?:/tmp|/var/folders)/[^\s"'<>:,;)\]}]+)
    """,
    re.VERBOSE,
)
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_WORDS = bytes.maketrans(ascii_letters.encode() + digits.encode(), b"x" * 62)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> str:
    """One text per JSON value: keys sorted, no spaces; `1` and `1.0` stay apart.

    Secrets that were replaced are all alike: another machine has others, or none.
    """
    return anonymous(_ENCODER.encode(value))


def equal(one: Any, other: Any) -> bool:
    """Whether two JSON documents have one canonical text."""
    # what is written alike is equal, and repr takes a fraction of the time
    return repr(one) == repr(other) or canonical(one) == canonical(other)


def normal(value: Any) -> str:
    """The canonical text of the normalised value, at little cost where nothing is volatile."""
    return _normal(canonical(value), value)


def normalise(value: Any) -> Any:
    """The value with uuids, times, epochs, temporary paths and provider ids renamed.

    Each distinct original becomes `‹kind:n›`, n by first appearance in this document, so two
    documents that differ only in such values become equal and those that mix them up do not.
    """
    return _Renamer().renamed(value)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON documents are equal, if need be up to volatile values."""
    if repr(one) == repr(other):
        return True
    texts = canonical(one), canonical(other)
    return texts[0] == texts[1] or _normal(texts[0], one) == _normal(texts[1], other)


def _normal(text: str, value: Any) -> str:
    """By the canonical text of a value."""
    return canonical(normalise(value)) if _may_vary(text) else text


def _may_vary(text: str) -> bool:
    """Whether a text may hold a volatile value; never false where it does.

    Prose holds hardly any, and looking for parts that they must have is tens of times as fast as
    trying the expression at each letter.
    """
    if "/tmp/" in text or "/var/folders/" in text or "chatcmpl-" in text:
        return True
    plain = text.encode("utf-8", "surrogatepass")
    numbers, words = plain.translate(_DIGITS), plain.translate(_WORDS)
    return (
        b"0000-00-00" in numbers
        or b"0" * 10 in numbers
        or b"_" + b"x" * 8 in words
        or b"-xxxx-xxxx-xxxx-" in words
        or b"x" * 32 in words
    )


class _Renamer:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def renamed(self, value: Any) -> Any:
        match value:
            case str() if not _may_vary(value):
                return value
            case str():
                return _VOLATILE.sub(self._name, value)
            case dict():
                return {self.renamed(key): self.renamed(item) for key, item in value.items()}
            case list() | tuple():
                return [self.renamed(item) for item in value]
            case bool() | None:
                return value
            case int() | float() if _VOLATILE.fullmatch(text := repr(value)):
                return _VOLATILE.sub(self._name, text)
        return value

    def _name(self, match: re.Match[str]) -> str:
        found = match.group()
        if found not in self._names:
            kind = str(match.lastgroup)
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[found] = f"‹{kind}:{self._counts[kind]}›"
        return self._names[found]
