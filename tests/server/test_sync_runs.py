"""Goldens and results on their way to a real server: each arrives once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.sync.asked import asked_run
from pytest_opswald.sync.draining import Drain
from pytest_opswald.sync.goldens import item_of
from pytest_opswald.sync.items import RunItem
from pytest_opswald.sync.outbox import Outbox
from pytest_opswald.sync.pushing import push

QUICKSTART = Path(__file__).parents[2] / "examples" / "quickstart"
GOLDEN = QUICKSTART / "goldens" / "test_refund.json"


def test_goldens_and_results_become_tests_and_a_run(base_url: str, tmp_path: Path) -> None:
    """Sent again, they are there already."""
    item = item_of(GOLDEN, root=QUICKSTART)
    results = {item.test.name: {"status": "passed", "duration_ms": 7}}
    run = RunItem(run_id="run_sent", results=results)
    outbox = Outbox(tmp_path)
    with OpsClient(base_url=base_url) as client:
        for _ in range(2):
            outbox.put(item)
            outbox.put(run)
            drained = Drain(outbox, client).run()
            assert (drained.sent, drained.problem, drained.dead) == (2, "", [])
        assert push({GOLDEN: item.test.name}, outbox, client, root=QUICKSTART).sent == 0

        (test,) = client.golden_tests.list()
        (told,) = client.golden_tests.runs()

    assert (test.name, test.trace_id) == (item.test.name, item.trace.id)
    assert (told.run_id, told.status, told.passed) == ("run_sent", "completed", 1)


def test_a_runner_learns_what_is_asked(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of a run that waits for it, and what they are to change."""
    with OpsClient(base_url=base_url) as client:
        run = client.golden_tests.run(executor="runner", modifications={"model": "gpt-5"})
        monkeypatch.setenv("OPSWALD_BASE_URL", base_url)
        asked = asked_run(run.run_id)

    assert list(asked.tests) == [item_of(GOLDEN, root=QUICKSTART).test.name]
    assert asked.options["model"] == ["gpt-5"]
