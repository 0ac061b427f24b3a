"""Watches other people's libraries: from the moment the user's code imports one until the end.

Nothing here imports a library that the user does not use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from . import handed

Installed = Callable[[ModuleType], AbstractContextManager[None]]
"""What an adapter offers: watch this library for the length of a `with`."""

_HTTPX_FAMILY = "pytest_opswald.capture.transports.httpx_family"
ADAPTERS: Mapping[str, str] = {
    "httpx": _HTTPX_FAMILY,
    "httpx2": _HTTPX_FAMILY,
    "mcp": "pytest_opswald.capture.mcp",
}
"""Module whose `installed` watches a library, by the library's name."""


@contextmanager
def captured(adapters: Mapping[str, str] = ADAPTERS) -> Iterator[None]:
    """Watch every library of the table that is imported, or will be; undone at the end."""
    with ExitStack() as patches:

        def watch(name: str, library: ModuleType) -> None:
            installed: Installed = import_module(adapters[name]).installed
            patches.enter_context(installed(library))

        for name in adapters:
            if library := sys.modules.get(name):
                watch(name, library)
        patches.enter_context(_after_import(adapters, watch))
        patches.enter_context(handed.seen())
        yield


@contextmanager
def _after_import(
    names: Mapping[str, str], do: Callable[[str, ModuleType], None]
) -> Iterator[None]:
    finder = _Finder(names, do)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    """Finds nothing by itself: has the others find, and adds what is to be done after loading."""

    def __init__(self, names: Mapping[str, str], do: Callable[[str, ModuleType], None]) -> None:
        self._names = names
        self._do = do

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        spec = self._found_by_others(fullname, path, target)
        if spec and spec.loader:
            spec.loader = _ThenDo(spec.loader, self._do)
        return spec

    def _found_by_others(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None
    ) -> ModuleSpec | None:
        others = (finder for finder in sys.meta_path if not isinstance(finder, _Finder))
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        return next((spec for spec in specs if spec), None)


class _ThenDo(Loader):
    """A loader that has one more thing to do, once."""

    def __init__(self, loader: Loader, do: Callable[[str, ModuleType], None]) -> None:
        self._loader = loader
        self._do = do

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The real loader takes its place again: resources and source are asked of it later.
        module.__loader__ = self._loader
        if module.__spec__:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._do(module.__name__, module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
