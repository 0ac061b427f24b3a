"""Exceptions, as they were raised: same class, same arguments, same attributes."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from .classes import NotRestorable, class_named


def builtin_base(cls: type[BaseException]) -> type[BaseException]:
    """The nearest builtin exception it derives from."""
    return next(base for base in cls.__mro__ if base.__module__ == "builtins")


def restored(
    name: str, like: str, message: str, args: Sequence[Any], attributes: Mapping[str, Any]
) -> BaseException:
    """The exception; when its class is gone, a stand-in that the same `except` clauses catch."""
    try:
        error = _made(class_named(name), args)
    except (NotRestorable, TypeError, ValueError):
        error = _stand_in(name, like, message)
    vars(error).update(attributes)
    return error


def _made(cls: type, args: Sequence[Any]) -> BaseException:
    """An instance built by the builtin's code alone: constructors of their own may do anything."""
    if not issubclass(cls, BaseException):
        raise NotRestorable(cls.__qualname__)
    base: Any = builtin_base(cls)
    error: BaseException = base.__new__(cls, *args)
    base.__init__(error, *args)
    return error


def _stand_in(name: str, like: str, message: str) -> BaseException:
    base = getattr(builtins, like, None)
    if not (isinstance(base, type) and issubclass(base, BaseException)):
        base = Exception
    try:
        return _subclass(name, base, message)(message)
    except TypeError:  # some builtins insist on more arguments
        return _subclass(name, Exception, message)(message)


def _subclass(name: str, base: type[BaseException], message: str) -> type[BaseException]:
    module, _, path = name.partition(":")
    body = {"__module__": module, "__qualname__": path, "__str__": lambda self: message}
    return type(path.rpartition(".")[2], (base,), body)
