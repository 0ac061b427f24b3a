"""Further accepted runs of a golden: `test_refund.variant-2.json` beside `test_refund.json`."""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

_NAME = re.compile(r"(.+)\.variant-(\d{1,4})\.json", re.DOTALL)
_FRESH_NS = 2_000_000_000
"""Of a folder that changed so lately, another change need not show in its time."""


def variant_paths(path: Path) -> list[Path]:
    """Files of the variants of the golden at a path, in order of their numbers."""
    return [path.parent / name for _, name in sorted(_numbered(path))]


def is_variant(path: Path) -> bool:
    """Whether the golden that it is a variant of lies beside it."""
    match = _NAME.fullmatch(path.name)
    return match is not None and path.with_name(f"{match[1]}.json").exists()


def next_variant(path: Path) -> Path:
    """Where the next variant goes; the golden itself counts as the first."""
    number = max((number for number, _ in _numbered(path)), default=1) + 1
    return path.with_name(f"{path.stem}.variant-{number}.json")


def _numbered(path: Path) -> list[tuple[int, str]]:
    try:
        changed_ns = path.parent.stat().st_mtime_ns
    except OSError:
        return []
    is_fresh = time.time_ns() - changed_ns < _FRESH_NS
    listed = _listed(path.parent) if is_fresh else _remembered(path.parent, changed_ns)
    return listed.get(path.stem, [])


@lru_cache(maxsize=256)  # a suite has as many goldens in a folder as tests: each would list all
def _remembered(folder: Path, changed_ns: int) -> dict[str, list[tuple[int, str]]]:
    return _listed(folder)


def _listed(folder: Path) -> dict[str, list[tuple[int, str]]]:
    """Number and name of every variant in a folder, by the golden that it belongs to."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with suppress(OSError):
        for name in os.listdir(folder):  # noqa: PTH208 - names are all that is needed
            if match := _NAME.fullmatch(name):
                found[match[1]].append((int(match[2]), name))
    return found
