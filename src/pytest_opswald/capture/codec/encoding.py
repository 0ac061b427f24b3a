"""Values to JSON."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, Flag
from typing import Any

from pytest_opswald.trace.volatile import canonical

from .classes import (
    BUILTINS,
    NotRestorable,
    is_fillable,
    is_findable,
    is_namedtuple,
    is_pydantic,
    name_of,
    subclass_instance,
)
from .exceptions import builtin_base
from .scalars import SCALARS, plain
from .unrestored import Unrestored, text_of, words_of

Json = Any

_DEEPEST = 50
_MOST = 1_000_000


def encode(value: Any, *, lost: list[str] | None = None, root: str = "value") -> Json:
    """The value as strict JSON, a copy that shares nothing with it; never raises.

    Args:
        lost: Gets a line `value.items[2]: module:Class` for each part that can't be restored.
        root: What those lines call the value.
    """
    return _Encoder(root, [] if lost is None else lost).encode(value)


class _Encoder:
    def __init__(self, root: str, lost: list[str]) -> None:
        self._path: list[str | int] = [root]
        self._lost = lost
        self._open: set[int] = set()
        self._left = _MOST

    def encode(self, value: Any) -> Json:
        kind = type(value)
        scalar = SCALARS.get(kind)
        if (scalar or value is None or kind is bool) and plain(value):
            return value
        try:
            return {"$type": scalar.kind, **scalar.dump(value)} if scalar else self._parts(value)
        except Exception:  # a foreign object may raise anything, wherever it is touched
            return self._text(value)

    def _parts(self, value: Any) -> Json:
        """A value with parts, unless it holds itself, is too deep or too large."""
        depth = len(self._path)
        self._left -= 1
        if id(value) in self._open or depth > _DEEPEST or self._left < 0:
            return self._text(value)
        self._open.add(id(value))
        try:
            container = _CONTAINERS.get(type(value), _Encoder._object)
            return container(self, value)
        finally:
            self._open.discard(id(value))
            del self._path[depth:]

    def _list(self, value: Iterable[Any]) -> list[Json]:
        return [self._at(index, item) for index, item in enumerate(value)]

    def _at(self, key: str | int, value: Any) -> Json:
        self._path.append(key)
        encoded = self.encode(value)
        self._path.pop()
        return encoded

    def _dict(self, value: dict[Any, Any]) -> Json:
        if all(type(key) is str and plain(key) for key in value) and "$type" not in value:
            return self._fields(value)
        return {"$type": "dict", "items": self._pairs(value)}

    def _fields(self, fields: Mapping[str, Any]) -> dict[str, Json]:
        return {key: self._at(key, item) for key, item in fields.items()}

    def _pairs(self, value: Mapping[Any, Any]) -> list[list[Json]]:
        return [[self.encode(key), self._at(str(key), item)] for key, item in value.items()]

    def _ordered(self, value: OrderedDict[Any, Any]) -> Json:
        return {"$type": "ordered_dict", "items": self._pairs(value)}

    def _tuple(self, value: tuple[Any, ...]) -> Json:
        return {"$type": "tuple", "items": self._list(value)}

    def _deque(self, value: deque[Any]) -> Json:
        bound = {} if value.maxlen is None else {"maxlen": value.maxlen}
        return {"$type": "deque", "items": self._list(value), **bound}

    def _set(self, value: set[Any] | frozenset[Any]) -> Json:
        # Sorted by what they say: the order of a set changes with the hash seed.
        items = sorted((self._at("{}", item) for item in value), key=canonical)
        return {"$type": type(value).__name__, "items": items}

    def _object(self, value: Any) -> Json:
        cls = type(value)  # not isinstance: it asks the object, which may be a proxy or a mock
        if issubclass(cls, BaseException):
            return self._exception(value)
        if is_findable(cls):
            if issubclass(cls, Enum):
                return self._member(value)
            if is_namedtuple(cls):
                return self._record("namedtuple", value, cls._fields)
            if is_pydantic(cls):
                return self._pydantic(value)
            if dataclasses.is_dataclass(cls) and is_fillable(cls):
                names = [field.name for field in dataclasses.fields(cls)]
                return self._record("dataclass", value, names)
        return self._based(value)

    def _member(self, value: Enum) -> Json:
        combined = {"value": self.encode(value.value)} if issubclass(type(value), Flag) else {}
        return {"$type": "enum", "of": name_of(type(value)), "name": value.name, **combined}

    def _record(self, kind: str, value: Any, names: Iterable[str]) -> Json:
        fields = {name: getattr(value, name) for name in names if hasattr(value, name)}
        return {"$type": kind, "of": name_of(type(value)), "fields": self._fields(fields)}

    def _pydantic(self, value: Any) -> Json:
        fields = {name: vars(value)[name] for name in type(value).model_fields}
        more = {
            "unset": [name for name in fields if name not in value.model_fields_set],
            "extra": self._fields(value.model_extra or {}),
            "private": self._fields(value.__pydantic_private__ or {}),
        }
        said = {key: part for key, part in more.items() if part}
        name = name_of(type(value))
        return {"$type": "pydantic", "of": name, "fields": self._fields(fields), **said}

    def _exception(self, error: BaseException) -> Json:
        cls = type(error)
        if not is_findable(cls):
            self._lose(error)
        base = builtin_base(cls)
        # The builtin's own reduction: an OSError keeps its file name outside `args`.
        args = base.__reduce__(error)[1]
        attributes = self._fields(vars(error))
        return {
            "$type": "exception",
            "of": name_of(cls),
            "like": base.__name__,
            "message": words_of(error),
            "args": self._list(args),
            **({"attributes": attributes} if attributes else {}),
        }

    def _based(self, value: Any) -> Json:
        """A subclass of something known: as its own class if that is safe, else as the known."""
        base = next((base for base in (*BUILTINS, *SCALARS) if issubclass(type(value), base)), None)
        if base is None:
            return self._text(value)
        if base not in BUILTINS:
            self._lose(value)
            return {"$type": SCALARS[base].kind, **SCALARS[base].dump(value)}
        bare = _BARE[base](value)
        if self._is_restorable(value, bare):
            return {"$type": "subclass", "of": name_of(type(value)), "base": self.encode(bare)}
        self._lose(value)
        return self.encode(bare)

    def _is_restorable(self, value: Any, bare: Any) -> bool:
        try:
            subclass_instance(name_of(type(value)), bare)
        except (NotRestorable, TypeError):
            return False
        return is_findable(type(value)) and not getattr(value, "__dict__", None)

    def _text(self, value: Any) -> Json:
        self._lose(value)
        if type(value) is Unrestored:
            text, words, of = value.text, value.words, value.of
        else:
            text, words, of = text_of(value), words_of(value), name_of(type(value))
        said = {"$type": "repr", "of": of, "repr": text}
        return said if words == text else {**said, "str": words}

    def _lose(self, value: Any) -> None:
        root, *keys = self._path
        steps = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
        self._lost.append(f"{root}{''.join(steps)}: {name_of(type(value))}")


_CONTAINERS: dict[type, Callable[[_Encoder, Any], Json]] = {
    list: _Encoder._list,
    dict: _Encoder._dict,
    tuple: _Encoder._tuple,
    set: _Encoder._set,
    frozenset: _Encoder._set,
    deque: _Encoder._deque,
    OrderedDict: _Encoder._ordered,
}

_BARE: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda value: b"".join([value]),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list(list.__iter__(value)),
    set: lambda value: set(set.__iter__(value)),
}
"""The builtin's own value of a subclass instance, read without the subclass's code."""
