"""JSON to values."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

from pytest_opswald.trace.volatile import canonical

from . import classes, exceptions
from .scalars import BY_KIND
from .unrestored import Unrestored

Envelope = dict[str, Any]

_MALFORMED = (
    classes.NotRestorable,
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    TypeError,
    ValueError,
)
"""What an envelope that was edited, or whose class has changed, makes builtins raise."""


def decode(encoded: Any) -> Any:
    """The value that `encode` was given; `Unrestored` where that can't be; never raises."""
    match encoded:
        case {"$type": str(kind)}:
            return _opened(kind, encoded)
        case dict():
            return _fields(encoded)
        case list():
            return _items(encoded)
    return encoded


def decode_error(encoded: Any) -> BaseException:
    """The exception that `encode` was given; a RuntimeError when it isn't one."""
    error = decode(encoded)
    return error if isinstance(error, BaseException) else RuntimeError(str(error))


def _opened(kind: str, said: Envelope) -> Any:
    try:
        return BY_KIND[kind].load(said) if kind in BY_KIND else _KINDS[kind](said)
    except _MALFORMED:
        rest = {key: part for key, part in said.items() if key not in ("$type", "of")}
        return Unrestored(str(said.get("of", kind)), canonical(rest))


def _fields(encoded: Envelope) -> dict[str, Any]:
    return {key: decode(item) for key, item in encoded.items()}


def _items(encoded: list[Any]) -> list[Any]:
    return [decode(item) for item in encoded]


def _pairs(said: Envelope) -> list[tuple[Any, Any]]:
    return [(decode(key), decode(item)) for key, item in said["items"]]


def _pydantic(said: Envelope) -> Any:
    return classes.pydantic_instance(
        said["of"],
        _fields(said["fields"]),
        unset=said.get("unset", ()),
        extra=_fields(said.get("extra", {})),
        private=_fields(said.get("private", {})),
    )


def _exception(said: Envelope) -> BaseException:
    return exceptions.restored(
        said["of"],
        like=said.get("like", "Exception"),
        message=said.get("message", ""),
        args=_items(said["args"]),
        attributes=_fields(said.get("attributes", {})),
    )


_KINDS: dict[str, Callable[[Envelope], Any]] = {
    "dict": lambda said: dict(_pairs(said)),
    "ordered_dict": lambda said: OrderedDict(_pairs(said)),
    "tuple": lambda said: tuple(_items(said["items"])),
    "set": lambda said: set(_items(said["items"])),
    "frozenset": lambda said: frozenset(_items(said["items"])),
    "deque": lambda said: deque(_items(said["items"]), said.get("maxlen")),
    "enum": lambda said: classes.member(said["of"], said),
    "namedtuple": lambda said: classes.namedtuple_instance(said["of"], _fields(said["fields"])),
    "dataclass": lambda said: classes.dataclass_instance(said["of"], _fields(said["fields"])),
    "pydantic": _pydantic,
    "exception": _exception,
    "subclass": lambda said: classes.subclass_instance(said["of"], decode(said["base"])),
    "repr": lambda said: Unrestored(said["of"], said["repr"], said.get("str")),
}
