"""JSON objects read key by key, so that nothing is overlooked."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pytest_opswald.wire.base import CannotSend

from .talk import Media

_DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]+)(?:;[\w=.+-]+)*;base64,(?P<data>.*)", re.DOTALL)
_NOTHING: tuple[Any, ...] = (None, False, "", [], {})
"""Values that say no more than a missing key."""


class Fields:
    """An object whose keys are taken one by one; `left` names those that nobody wanted."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._left = dict(values)

    def take(self, key: str, default: Any = None) -> Any:
        """The value, default also for null."""
        value = self._left.pop(key, None)
        return default if value is None else value

    def refuse(self, reasons: Mapping[str, str]) -> None:
        """Raise CannotSend when one of these keys says something."""
        for key, reason in reasons.items():
            if self._left.get(key) not in _NOTHING:
                raise CannotSend(f"{key}: {reason}")

    @property
    def left(self) -> tuple[str, ...]:
        return tuple(key for key, value in self._left.items() if value not in _NOTHING)


def extras(block: Mapping[str, Any], known: Iterable[str]) -> dict[str, None]:
    """Keys of a content block that say something and are not among those known."""
    said = Fields(block)
    for key in known:
        said.take(key)
    return {f"{key} of {block.get('type')} blocks": None for key in said.left}


def foreign(block: Mapping[str, Any]) -> str:
    """Why a content block cannot be sent."""
    holder = block.get("file") or block
    if "file_id" in holder:
        return "a file is given by its id, which only the provider that keeps it knows"
    return f"content of type {block.get('type')!r} has no counterpart"


def refuse_custom(described: Mapping[str, Any]) -> None:
    """Raise CannotSend when OpenAI's custom tools are meant, or their calls and results."""
    if str(described.get("type")).startswith("custom"):
        name = described.get("name") or (described.get("custom") or {}).get("name")
        raise CannotSend(
            f"the custom tool {name or described.get('call_id')} takes free text, and tools "
            "elsewhere take JSON: offer it as a function"
        )


def only(wanted: Iterable[Any], found: Any, where: str) -> None:
    """Raise CannotSend unless a value is one that has a counterpart."""
    if found not in wanted:
        raise CannotSend(f"{where} {found!r} has no counterpart")


def present(**values: Any) -> dict[str, Any]:
    """The values that say something."""
    return {key: value for key, value in values.items() if value not in (None, "", (), [], {})}


def media(
    kind: Literal["image", "file"], url: str, *, name: Any = None, detail: Any = None
) -> Media:
    """What a URL points to; a data URL holds it."""
    detail = None if detail == "auto" else detail
    if found := _DATA_URL.fullmatch(url):
        return Media(kind, found["type"], found["data"], name=name, detail=detail)
    return Media(kind, url=url, name=name, detail=detail)


def file(data: str, name: Any) -> Media:
    """What OpenAI's `file_data` holds: a data URL, or plain base64 of the type its name tells."""
    found = media("file", data, name=name)
    if found.data is not None:
        return found
    media_type, _ = mimetypes.guess_type(name or "")
    return Media("file", media_type or "application/pdf", data, name=name)


def data_url(part: Media) -> str:
    """The URL, made from the data where there is none."""
    return part.url or f"data:{part.media_type};base64,{part.data}"


def dumped(arguments: Any) -> str:
    """Tool arguments as OpenAI sends them: JSON text; broken text as it came."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def is_strict(schema: Any) -> bool:
    """Whether OpenAI enforces the schema: every object closed, every property required."""
    if isinstance(schema, list):
        return all(map(is_strict, schema))
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    closed = not isinstance(properties, Mapping) or (
        schema.get("additionalProperties") is False
        and set(schema.get("required", ())) == set(properties)
    )
    return closed and all(map(is_strict, schema.values()))
