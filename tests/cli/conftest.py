"""Goldens on disk for the commands to read."""

from __future__ import annotations

import pytest

from pytest_opswald.store import files
from pytest_opswald.trace.trace import Trace
from tests.report.refund import GOLDEN, refund_steps


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with `recorded.json` and, with another amount, `changed.json`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    other = GOLDEN.model_copy(update={"trace": Trace.of(refund_steps(amount=25.0))})
    files.save(tmp_path / "recorded.json", GOLDEN)
    files.save(tmp_path / "changed.json", other)
    return tmp_path
