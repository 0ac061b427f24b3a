"""Goldens in a folder, an outbox beside them, and a clock that does not wait."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.store import files
from pytest_opswald.sync.draining import Drain, Drained
from pytest_opswald.sync.outbox import Outbox
from tests.client.conftest import StoppedClock
from tests.report.refund import GOLDEN
from tests.sync.ledger import Ledger


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPSWALD_API_KEY", "OPSWALD_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


@pytest.fixture
def goldens(tmp_path: Path) -> list[Path]:
    """Three of them, of three tests."""
    paths = [tmp_path / "goldens" / f"test_{name}.json" for name in ("a", "b", "c")]
    for path in paths:
        test = f"tests/test_it.py::{path.stem}"
        files.save(path, GOLDEN.model_copy(update={"name": path.stem, "test": test}))
    return paths


def drained(outbox: Outbox, ledger: Ledger, clock: StoppedClock | None = None) -> Drained:
    """What comes of one attempt to empty it."""
    clock = clock or StoppedClock()
    with OpsClient(base_url=ledger.url, clock=clock) as client:
        return Drain(outbox, client, clock=clock).run()
