"""Declare tools from the test side: functions are replaced where the agent finds them, for a while.

A module's function is also replaced in the modules that imported it by name, and in the lists and
dictionaries that such modules keep (`TOOLS = {"lookup_order": lookup_order}`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType, TracebackType
from typing import Any, Self

from pytest_opswald.errors import InvalidSetting

from .declared import is_tool
from .holders import rebind
from .tools import tool

_ABSENT: Any = object()


def watch(owner: Any, name: str) -> Watch:
    """Treat a function of a module, class or object as a tool, from now on.

    Raises:
        InvalidSetting: when there is no such function.
    """
    return Watch([_Place(owner, name, f"watch {name}")])


def watched(names: Iterable[str]) -> Watch:
    """Treat the functions named `module:function` or `module:Class.method` as tools, from now on.

    Raises:
        InvalidSetting: when a name leads to no function.
    """
    return Watch([_place_named(name) for name in dict.fromkeys(names)])


class Watch:
    """Functions that are tools until `undo`, or until the end of a `with` block."""

    def __init__(self, places: Sequence[_Place]) -> None:
        self._undo = ExitStack()
        with ExitStack() as failed:
            failed.callback(self.undo)
            self._install([place for place in places if not place.is_tool])
            failed.pop_all()

    def undo(self) -> None:
        """Put the functions back."""
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.undo()

    def _install(self, places: Sequence[_Place]) -> None:
        for place in places:
            place.replace(self._undo)
        functions = [place for place in places if isinstance(place.owner, ModuleType)]
        owners = [place.owner for place in functions]
        if functions:
            rebind([(place.found, place.declared) for place in functions], owners)
            self._undo.callback(
                rebind, [(place.declared, place.found) for place in functions], owners
            )


class _Place:
    """Where a function is found, and the tool to take its place."""

    def __init__(self, owner: Any, name: str, setting: str) -> None:
        self.owner = owner
        self.name = name
        self.found = _attribute(owner, name, setting)
        self._label = f"{setting}: {_described(owner)}"
        if unfit := _unfit(self.found):
            raise InvalidSetting(f"{self._label} holds {name}, which {unfit}")
        self.declared = tool(self.found)

    @property
    def is_tool(self) -> bool:
        return is_tool(getattr(self.found, "__func__", self.found))

    def replace(self, undo: ExitStack) -> None:
        previous = getattr(self.owner, "__dict__", {}).get(self.name, _ABSENT)
        try:
            setattr(self.owner, self.name, self.declared)
        except (AttributeError, TypeError) as problem:
            raise InvalidSetting(
                f"{self._label} does not let {self.name} be replaced ({problem}); "
                "watch its class, or declare it with @opswald.tool"
            ) from problem
        undo.callback(self._restore, previous)

    def _restore(self, previous: Any) -> None:
        if vars(self.owner).get(self.name) is not self.declared:
            return  # somebody has set it since
        if previous is _ABSENT:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, previous)


def _place_named(text: str) -> _Place:
    setting = f'opswald_tools: "{text}"'
    module, _, path = text.partition(":")
    *outer, name = path.split(".")
    if not module or not name:
        raise InvalidSetting(f'{setting}: write it as "module:function" or "module:Class.method"')
    try:
        owner: Any = import_module(module)
    except ImportError as problem:
        raise InvalidSetting(f"{setting}: {problem}") from problem
    for part in outer:
        owner = _attribute(owner, part, setting)
    return _Place(owner, name, setting)


def _attribute(owner: Any, name: str, setting: str) -> Any:
    """The attribute; of a class, as it stands there: `staticmethod` and all."""
    look = inspect.getattr_static if inspect.isclass(owner) else getattr
    found = look(owner, name, _ABSENT)
    if found is not _ABSENT:
        return found
    known = [known for known in dir(owner) if callable(look(owner, known, None))]
    near = get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise InvalidSetting(f"{setting}: {_described(owner)} has no attribute {name}{hint}")


def _described(owner: Any) -> str:
    if isinstance(owner, ModuleType):
        return f"module {owner.__name__}"
    if inspect.isclass(owner):
        return f"class {owner.__qualname__}"
    return f"{type(owner).__qualname__} object"


def _unfit(found: Any) -> str | None:
    """Why it can't be replaced by a function, if so."""
    if inspect.isclass(found):
        return "is a class: name one of its methods"
    functions = (staticmethod, classmethod, functools.partial)
    if inspect.isroutine(found) or isinstance(found, functions) or hasattr(found, "__wrapped__"):
        return None
    return f"is no function but of {type(found).__qualname__}"
