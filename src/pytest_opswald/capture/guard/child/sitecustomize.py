"""Guards a Python child of a replay from its first import on.

The child may live in another environment than we do: nothing of ours is imported but the two
files beside this folder, under a name of their own.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - pathlib is slow to load
FILES = "_opswald_guard"


def guard(told: str) -> None:
    """Refuse what lies outside; `told` is what the replay has put into the environment."""
    import json

    limits = json.loads(told)
    boundary = _file("boundary")
    allowed = boundary.Boundary(limits["allowed"], limits["proxies"])

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in boundary.EVENTS and (place := allowed.crossing(event, args)):
            _file("proxy").tell(limits["tell"], place)
            raise RuntimeError(f"opswald: {boundary.refusal(place)}")

    sys.addaudithook(hook)


def _file(name: str) -> Any:
    if FILES not in sys.modules:
        package = sys.modules[FILES] = ModuleType(FILES)
        package.__path__ = [os.path.dirname(HERE)]  # noqa: PTH120
    __import__(f"{FILES}.{name}")
    return sys.modules[f"{FILES}.{name}"]


def follow() -> None:
    """The `sitecustomize` that this one hides has its turn."""
    elsewhere = [folder for folder in sys.path if os.path.abspath(folder) != HERE]  # noqa: PTH100
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec and spec.loader:
        sys.modules["sitecustomize"] = hidden = module_from_spec(spec)
        spec.loader.exec_module(hidden)


if __name__ == "sitecustomize":
    if "OPSWALD_GUARD" in os.environ and sys.version_info >= (3, 10):
        guard(os.environ["OPSWALD_GUARD"])
    follow()
