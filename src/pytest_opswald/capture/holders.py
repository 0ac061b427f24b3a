"""Who holds a function besides the module it comes from."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePath
from types import ModuleType
from typing import Any


def rebind(changes: Iterable[tuple[Any, Any]], owners: Collection[ModuleType]) -> None:
    """Put the new for the old, the very same object, wherever the user's modules hold it.

    A module that holds one by name, or that imports one of the owners, has its lists and
    dictionaries searched too, one level deep.
    """
    changes = tuple(changes)  # holds the old ones, so that their ids stay theirs
    new_of = {id(old): new for old, new in changes}
    sought = {*new_of, *map(id, owners)}
    for module in _users_modules(owners):
        names = vars(module)
        if module in owners or not sought.isdisjoint(map(id, tuple(names.values()))):
            collections = [value for value in names.values() if type(value) in (dict, list)]
            for holder in (names, *collections):
                _replace(holder, new_of)


def _replace(holder: Any, new_of: Mapping[int, Any]) -> None:
    entries = holder.items() if isinstance(holder, dict) else enumerate(holder)
    found = [(key, new_of[id(value)]) for key, value in tuple(entries) if id(value) in new_of]
    for key, new in found:
        holder[key] = new


def _users_modules(owners: Iterable[ModuleType]) -> Iterator[ModuleType]:
    """Modules that may know the user's functions: installed packages don't, and are thousands."""
    wanted = {_package(owner.__name__) for owner in owners}
    packages = {_package(name) for name in sys.modules} - sys.stdlib_module_names
    wanted |= {package for package in packages if not _is_installed(sys.modules.get(package))}
    for name, module in tuple(sys.modules.items()):
        if isinstance(module, ModuleType) and _package(name) in wanted:
            yield module


def _package(name: str) -> str:
    return name.partition(".")[0]


def _is_installed(module: Any) -> bool:
    # Through vars: lazy modules answer to any name.
    known = vars(module) if isinstance(module, ModuleType) else {}
    places = [known.get("__file__"), *known.get("__path__", ())]
    parts = {part for place in places if place for part in PurePath(place).parts}
    return not parts.isdisjoint(("site-packages", "dist-packages"))
