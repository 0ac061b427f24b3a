"""Tool arguments by what they refer to: free text and ways of writing aside.

Ids, numbers, words and flags are structure. A text of several words is free: an LLM words it
anew each time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from .volatile import canonical

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?")
"""Without leading zeros: those make it a code."""
_SCHEME = re.compile(r"\b(?:https?://(?:www\.)?|www\.)(?=.)")
_EMPTY: tuple[Any, ...] = (None, "", [], {}, False)
"""What stands for not given; compared by type too, so 0 is a value."""


def is_empty(value: Any) -> bool:
    """Whether a value says no more than leaving it out would."""
    return any(type(value) is type(empty) and value == empty for empty in _EMPTY)


def is_text(value: Any) -> bool:
    """Whether it is free text: more than one word."""
    return isinstance(value, str) and len(value.split(maxsplit=1)) > 1


def scalars(value: Any) -> Iterator[Any]:
    """What a value holds in the end, in order; a list or object with nothing in it counts as one."""
    match value:
        case Mapping() if value:
            yield from (leaf for item in value.values() for leaf in scalars(item))
        case list() if value:
            yield from (leaf for item in value for leaf in scalars(item))
        case _:
            yield value


def plain(value: Any) -> Any:
    """One form for values that mean the same: `"98.70"` is 98.7, `" Bob"` is `bob`.

    A link goes without scheme, `www.` and closing slash; lists of scalars have no order.
    """
    match value:
        case bool() | None:
            return value
        case int() | float():
            return _number(str(value))
        case str():
            text = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
            return _number(text if is_text(text) else _SCHEME.sub("", text).rstrip("/"))
        case Mapping():
            return {key: plain(item) for key, item in value.items() if not is_empty(item)}
        case list() | tuple():
            items = [plain(item) for item in value]
            return items if any(isinstance(i, dict | list) for i in items) else _sorted(items)
    return value


def same_plain(one: Any, other: Any) -> bool:
    """Whether two values mean the same, free text included."""
    return canonical(plain(one)) == canonical(plain(other))


def same_structure(one: Any, other: Any) -> bool:
    """Whether two arguments differ in nothing but free text."""
    if is_empty(one) and is_empty(other):
        return True
    if is_text(one) and is_text(other):
        return True
    match one, other:
        case Mapping(), Mapping():
            return all(same_structure(one.get(k), other.get(k)) for k in {*one, *other})
        case [*ones], [*others] if any(map(is_text, ones)) or any(map(_is_nested, ones)):
            pairs = zip(ones, others, strict=False)
            return len(ones) == len(others) and all(same_structure(*pair) for pair in pairs)
    return same_plain(one, other)


def _number(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f"{Decimal(text).normalize() + 0:f}"
    return text


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=canonical)


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)
