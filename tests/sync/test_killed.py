"""A sender that is killed, wherever it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_opswald.sync.outbox import Outbox
from tests.sync.ledger import Ledger
from tests.sync.test_exactly_once import NAMES, golden_item, run_item

SYNC = [
    sys.executable,
    "-c",
    "import sys; from pytest_opswald.cli import main; sys.exit(main(['sync']))",
]


@pytest.mark.parametrize("requests", [1, 2, 7, 8], ids=lambda n: f"in request {n + 1}")
def test_killed_while_sending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, requests: int
) -> None:
    """Killed after the server has done something and before it has said so, nothing is done twice."""
    outbox = Outbox(tmp_path)
    for item in (*map(golden_item, NAMES), run_item("run_1")):
        outbox.put(item)
    with Ledger(*[""] * requests, "silent") as ledger:
        monkeypatch.setenv("OPSWALD_BASE_URL", ledger.url)
        with subprocess.Popen(SYNC, cwd=tmp_path, stdout=subprocess.DEVNULL) as sender:
            assert ledger.has_gone_silent.wait(timeout=60)
            sender.kill()
        assert list(outbox) != []

        done = subprocess.run(SYNC, cwd=tmp_path, check=False, capture_output=True)

    assert done.returncode == 0, done.stdout
    assert list(outbox) == []
    assert ledger.names == NAMES
    assert list(ledger.runs) == ["run_1"]
    assert [each["status"] for each in ledger.runs["run_1"]["results"]] == ["passed"] * 3
