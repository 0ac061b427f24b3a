"""Classes by name, and instances without their constructors.

A golden may have been written by anyone, so a name in it is only ever looked up, never called:
builtin `__new__` makes the instance, fields are filled in, and the class must be of the kind its
envelope claims.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Iterable, Mapping
from enum import Enum, Flag
from types import ModuleType
from typing import Any

BUILTINS: tuple[type, ...] = (str, int, float, bytes, tuple, frozenset, dict, list, set)
"""What may be subclassed and restored without running the subclass's code."""


class NotRestorable(Exception):
    """A class is gone, or not of the kind that the envelope says."""


def name_of(cls: type) -> str:
    """`module:Class.Nested`."""
    return f"{cls.__module__}:{cls.__qualname__}"


def is_findable(cls: type) -> bool:
    """Whether its name leads back to it; classes made inside functions are not."""
    try:
        return class_named(name_of(cls)) is cls
    except NotRestorable:
        return False


def class_named(name: str) -> type:
    """The class of that name. Raises NotRestorable."""
    module, _, path = name.partition(":")
    found: Any = _module(module)
    for part in path.split("."):
        # Dictionaries only: getattr could run code of a lazy module or a descriptor.
        found = vars(found).get(part) if issubclass(type(found), type | ModuleType) else None
    if not isinstance(found, type):
        raise NotRestorable(name)
    return found


def _module(name: str) -> Any:
    """A loaded module, or one of a package that is loaded already."""
    if name in sys.modules:
        return sys.modules[name]
    package, *rest = name.split(".")
    if package not in sys.modules or not rest or "__main__" in rest:
        raise NotRestorable(name)
    try:
        return importlib.import_module(name)
    except Exception as problem:
        raise NotRestorable(name) from problem


def is_namedtuple(cls: type) -> bool:
    return issubclass(cls, tuple) and isinstance(vars(cls).get("_fields"), tuple)


def is_fillable(cls: type) -> bool:
    """Whether a bare instance can be made and its fields set."""
    try:
        object.__new__(cls)
    except TypeError:
        return False
    return True


def is_pydantic(cls: type) -> bool:
    base = _pydantic_base()
    return base is not None and issubclass(cls, base)


def _pydantic_base() -> type | None:
    # Looked up, not imported: a value can only be a model when pydantic is there already.
    return getattr(sys.modules.get("pydantic.main"), "BaseModel", None)


def member(name: str, said: Mapping[str, Any]) -> Enum:
    """An enum member by its name; combined flags by their value."""
    cls = class_named(name)
    if issubclass(cls, Enum) and said.get("name") in cls.__members__:
        return cls.__members__[said["name"]]
    if issubclass(cls, Flag) and isinstance(said.get("value"), int):
        return cls(said["value"])
    raise NotRestorable(name)


def dataclass_instance(name: str, fields: Mapping[str, Any]) -> Any:
    cls = class_named(name)
    if not dataclasses.is_dataclass(cls):
        raise NotRestorable(name)
    known = {field.name for field in dataclasses.fields(cls)}
    if not known.issuperset(fields):
        raise NotRestorable(name)
    made = object.__new__(cls)
    for key, value in fields.items():
        object.__setattr__(made, key, value)  # frozen ones too
    return made


def namedtuple_instance(name: str, fields: Mapping[str, Any]) -> Any:
    cls = class_named(name)
    if not is_namedtuple(cls) or list(vars(cls)["_fields"]) != list(fields):
        raise NotRestorable(name)
    return tuple.__new__(cls, fields.values())


def pydantic_instance(
    name: str,
    fields: Mapping[str, Any],
    *,
    unset: Iterable[str] = (),
    extra: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> Any:
    """A model as it was, by the protocol that pickle uses: nothing is validated again."""
    cls, base = class_named(name), _pydantic_base()
    if base is None or not issubclass(cls, base):
        raise NotRestorable(name)
    made = object.__new__(cls)
    state = {
        "__dict__": dict(fields),
        "__pydantic_extra__": extra,
        "__pydantic_fields_set__": {*fields, *(extra or ())} - set(unset),
        "__pydantic_private__": private,
    }
    base.__setstate__(made, state)  # type: ignore[attr-defined]
    return made


def subclass_instance(name: str, value: Any) -> Any:
    """A subclass of a builtin, from the builtin's value."""
    cls, base = class_named(name), type(value)
    if base not in BUILTINS or not issubclass(cls, base):
        raise NotRestorable(name)
    if base in (dict, list, set):
        made: Any = base.__new__(cls)
        base.__init__(made, value)
        return made
    return base.__new__(cls, value)
