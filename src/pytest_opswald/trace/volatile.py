"""Equality of JSON documents, exact and up to values that change from run to run.

The volatile form is a key for matching and comparing requests only; what is stored, served and
judged as outcome is never changed.
"""

from __future__ import annotations

import json
import re
from typing import Any

from .placeholders import anonymous

_VOLATILE = re.compile(
    r"""
    (?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)
    | (?P<time>\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z\b|[+-]\d{2}:?\d{2}\b)?)
    | (?P<id>\b(?:call|toolu|srvtoolu|chatcmpl|msg|resp|rs|fc|ctc|run|req|item)_[A-Za-z0-9]{8,}\b
        | \bchatcmpl-[A-Za-z0-9-]{8,}\b)
    | (?P<hex>\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{32}\b)
    | (?P<epoch>(?<![\d.\w-])1[5-9]\d{8}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?(?![\d\w-]))
    | (?P<path>(?:/private)?(?:/tmp|/var/folders)/[^\s"'<>:,;)\]}]+)
    """,
    re.VERBOSE,
)


def canonical(value: Any) -> str:
    """One text per JSON value: keys sorted, no spaces; `1` and `1.0` stay apart.

    Secrets that were replaced are all alike: another machine has others, or none.
    """
    return anonymous(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def normalise(value: Any) -> Any:
    """The value with uuids, times, epochs, temporary paths and provider ids renamed.

    Each distinct original becomes `‹kind:n›`, n by first appearance in this document, so two
    documents that differ only in such values become equal and those that mix them up do not.
    """
    return _Renamer().renamed(value)


def same(one: Any, other: Any) -> bool:
    """Whether two JSON documents are equal, if need be up to volatile values."""
    return canonical(one) == canonical(other) or canonical(normalise(one)) == canonical(
        normalise(other)
    )


class _Renamer:
    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def renamed(self, value: Any) -> Any:
        match value:
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
