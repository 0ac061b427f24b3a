"""Real recordings, collected only where `OPSWALD_CORPUS` names the folder that holds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("OPSWALD_CORPUS")

collect_ignore_glob = [] if FOLDER else ["test_*.py"]


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real data."""
    assert FOLDER
    return Path(FOLDER)
