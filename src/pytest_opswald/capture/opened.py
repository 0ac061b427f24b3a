"""Files that this process has opened to read: what a run may depend on besides its code."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

_read: set[str] = set()
_written: set[str] = set()
_WRITING = os.O_WRONLY | os.O_RDWR


@cache
def watch_files() -> None:
    """Note what is opened from now on. Python gives no way to end it."""
    sys.addaudithook(_hook)


def files_read(root: Path) -> list[Path]:
    """Data below `root` that was read and not written: prompts, tables, settings.

    Left out is what lies in hidden folders, caches and goldens, and what is installed there.
    """
    below = (Path(name) for name in sorted(_read - _written))
    return [path for path in below if path.is_relative_to(root) and _is_data(path, root)]


def _is_data(path: Path, root: Path) -> bool:
    folders = path.relative_to(root).parts[:-1]
    if path.suffix in {".py", ".pyc"} or not path.is_file():
        return False
    return not any(folder.startswith(".") or folder in _NO_DATA for folder in folders)


_NO_DATA = {"__pycache__", "goldens", "site-packages"}


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(name := args[0], str):
        opened = _written if _writes(*args[1:3]) else _read
        opened.add(os.path.abspath(name))  # noqa: PTH100  # a Path takes five times as long


def _writes(mode: str | None, flags: int | None) -> bool:
    return any(letter in mode for letter in "wax+") if mode else bool((flags or 0) & _WRITING)
