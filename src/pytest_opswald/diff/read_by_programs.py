"""Answers that programs read: JSON, and single words such as `billing` or `yes`.

Their words are no wording. Whoever reads them does something else when they say something else.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pytest_opswald.trace.structural import is_text, same_structure, scalars

from .facts import facts
from .wording import bare

_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)
_WORD = re.compile(r"\w+(?:[-./]\w+)*")
_MOST_TOLD = 3


def json_of(message: str | None) -> Any:
    """The JSON that a message is, without the fence that LLMs like to put around it.

    Raises ValueError when it is none.
    """
    fenced = _FENCE.fullmatch(message or "")
    return json.loads(fenced[1] if fenced else message or "")


def disagreement(recorded: str, actual: str) -> str | None:
    """What is said otherwise than recorded; empty when nothing, None where the recorded is prose."""
    expected = _container(recorded)
    if expected is not None and not _is_prose(expected):
        return _unlike(expected, _container(actual))
    if word := _label(recorded):
        words = {bare(said) for said in _WORD.findall(actual)}
        return "" if word in words else f"does not say {word}"
    return None


def _container(message: str) -> Any:
    """The object or list that a message is; None for anything else."""
    try:
        value = json_of(message)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def as_prose(message: str) -> str:
    """What people read of a message: `{"message": "Your order is on its way."}` without the rest."""
    value = _container(message)
    if value is None or not _is_prose(value):
        return message
    return "\n".join(filter(None, scalars(value)))


def _is_prose(value: Any) -> bool:
    """Whether there is nothing but free text in it."""
    return all(leaf is None or is_text(leaf) for leaf in scalars(value))


def _unlike(expected: Any, actual: Any) -> str:
    if actual is None:
        return "is no JSON"
    found = list(_differences(expected, actual, ""))
    more = f" and {len(found) - _MOST_TOLD} more" if len(found) > _MOST_TOLD else ""
    return f"{', '.join(found[:_MOST_TOLD])}{more}"


def _differences(expected: Any, actual: Any, path: str) -> Iterator[str]:
    """Where it says otherwise in more than free text; what it says besides does not count."""
    match expected, actual:
        case Mapping(), Mapping():
            for key, value in expected.items():
                yield from _differences(value, actual.get(key), f"{path}.{key}" if path else key)
        case [*ones], [*others] if len(ones) == len(others) and any(map(_is_nested, ones)):
            for place, (one, other) in enumerate(zip(ones, others, strict=True)):
                yield from _differences(one, other, f"{path}[{place}]")
        case _ if not same_structure(expected, actual):
            yield f"{path or 'it'} is {_short(actual)}, not {_short(expected)}"


def _is_nested(value: Any) -> bool:
    return isinstance(value, Mapping | list)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _label(message: str) -> str:
    """The one word that a message is; empty for more, and in scripts that do not space words."""
    word = bare(message)
    is_one = not is_text(word) and _WORD.fullmatch(word) and not facts(message)
    return word if is_one and all(unicodedata.category(letter) != "Lo" for letter in word) else ""
