"""The `.env` files of a project: what they set may come up in a run, exported or not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pytest_opswald.redaction.env_files import secrets_in

_TEMPLATES = frozenset({".example", ".sample", ".template", ".dist"})
_MOST_BYTES = 2**20


def secrets_of(folder: Path) -> dict[str, str]:
    """What to call each secret value that the `.env` and `.env.*` of a folder hold."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob(".env*")):
        if _is_meant(path) and path.is_file():
            with suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
                found |= secrets_in(file.read(_MOST_BYTES))
    return found


def _is_meant(path: Path) -> bool:
    """Not `.envrc`, which is a script, and no template."""
    return path.name.split(".")[1] == "env" and path.suffix not in _TEMPLATES
