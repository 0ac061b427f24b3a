"""Which files of a folder are goldens: schemas may lie beside them, and further accepted runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from .variants import is_variant

_BEGINNING = re.compile(rb'\s*\{\s*"schema":\s*\d')
"""Of a golden as we write it: spares parsing it twice."""


def goldens_of(paths: Iterable[Path]) -> list[Path]:
    """Those of some files that are goldens, sorted; their variants belong to them."""
    files = (path for path in paths if path.suffix == ".json" and path.is_file())
    return sorted(path for path in files if not is_variant(path) and is_golden(path))


def is_golden(path: Path) -> bool:
    """Whether it is one, or was before it was damaged; JSON of other kinds may lie beside it."""
    try:
        content = path.read_bytes()
        if _BEGINNING.match(content):
            return True
        data = json.loads(content)
    except (OSError, ValueError, RecursionError):
        return True  # whoever reads it tells what is wrong
    if not isinstance(data, dict):
        return False
    return isinstance(data.get("schema"), int) or "steps" in data or "expected_outcome" in data
