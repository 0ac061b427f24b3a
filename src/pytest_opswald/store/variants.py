"""Further accepted runs of a golden: `test_refund.variant-2.json` beside `test_refund.json`."""

from __future__ import annotations

import re
from pathlib import Path

_NUMBER = re.compile(r"\.variant-(\d{1,4})\.json")


def variant_paths(path: Path) -> list[Path]:
    """Files of the variants of the golden at a path, in order of their numbers."""
    return [found for _, found in sorted(_numbered(path))]


def next_variant(path: Path) -> Path:
    """Where the next variant goes; the golden itself counts as the first."""
    number = max((number for number, _ in _numbered(path)), default=1) + 1
    return path.with_name(f"{path.stem}.variant-{number}.json")


def _numbered(path: Path) -> list[tuple[int, Path]]:
    names = ((_NUMBER.fullmatch(p.name[len(path.stem) :]), p) for p in path.parent.glob("*.json"))
    return [
        (int(match[1]), found)
        for match, found in names
        if match and found.name.startswith(path.stem)
    ]
