"""Runs that did not become a golden, kept apart for inspection: one for each golden, the latest.

They lie in `.opswald/failed/` under the rootdir and are read as goldens are.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pytest_opswald.errors import GoldenError
from pytest_opswald.redaction.detector import Detector
from pytest_opswald.redaction.documents import Redacted

from . import files
from .sidecars import prepare, sidecar

_KIND = "failed"


def keep(root: Path, path: Path, run: Redacted, detector: Detector | None = None) -> Path | None:
    """Write down a run that the golden at `path` knows nothing of; None when it cannot be."""
    file = sidecar(root, _KIND, path)
    try:
        prepare(root, file)
        files.save(file, run, detector)
    except (OSError, GoldenError):
        return None
    return file


def forget(root: Path, path: Path) -> None:
    """The run was good this time."""
    with suppress(OSError):
        sidecar(root, _KIND, path).unlink(missing_ok=True)
