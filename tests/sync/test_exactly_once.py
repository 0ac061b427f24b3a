"""Whatever fails on the way, everything is stored, and nothing twice."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_opswald.api.golden_tests import ResultBody
from pytest_opswald.sync.items import GoldenItem, ResultsItem, RunItem
from pytest_opswald.sync.outbox import Outbox
from tests.client.conftest import StoppedClock
from tests.client.fault_server import FaultServer, problem
from tests.sync.conftest import drained
from tests.sync.ledger import Fault, Ledger

NAMES = [f"tests/test_it.py::test_{name}" for name in "abc"]
FAULTS: list[Fault] = ["", "", "lost", "unread", "500", "429", "html"]


def golden_item(name: str) -> GoldenItem:
    trace = {"id": f"trace_{name[-1]}", "started_at": "2026-03-17T14:15:32Z", "steps": []}
    return GoldenItem.model_validate(
        {"trace": trace, "test": {"trace_id": trace["id"], "name": name}}
    )


def run_item(run_id: str) -> RunItem:
    results = {name: {"status": "passed", "duration_ms": 7} for name in NAMES}
    return RunItem(run_id=run_id, results=results)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.sampled_from(FAULTS), max_size=30), max_size=4))
def test_every_way_to_fail(tries: list[list[Fault]]) -> None:
    """After any failures, one good attempt leaves each thing there once and the outbox empty."""
    with tempfile.TemporaryDirectory() as folder, Ledger() as ledger:
        outbox = Outbox(Path(folder))
        for name in NAMES:
            outbox.put(golden_item(name))
        outbox.put(run_item("run_1"))

        for faults in [*tries, []]:
            ledger.faults = list(faults)
            drained(outbox, ledger)

        assert list(outbox) == []
        assert not (outbox.folder / "dead").exists()
        assert ledger.names == NAMES
        assert list(ledger.runs) == ["run_1"]
        assert [result["status"] for result in ledger.runs["run_1"]["results"]] == ["passed"] * 3


def test_the_same_item_is_kept_once(outbox: Outbox) -> None:
    """Put in twice is put in once."""
    assert outbox.put(run_item("run_1")) == outbox.put(run_item("run_1"))

    assert len(outbox) == 1


def test_the_latest_content_wins(outbox: Outbox) -> None:
    """Of two that wait for the same golden test, the one put in last is what the server has."""
    older, newer = golden_item(NAMES[0]), golden_item(NAMES[0])
    newer = newer.model_copy(
        update={"test": newer.test.model_copy(update={"trace_id": "trace_new"})}
    )
    for seconds, item in ((1, older), (2, newer)):
        os.utime(outbox.put(item), (seconds, seconds))

    with Ledger() as ledger:
        drained(outbox, ledger)

    assert ledger.named(NAMES[0])["trace_id"] == "trace_new"


def test_what_is_refused_for_good_is_put_aside(outbox: Outbox) -> None:
    """A refusal that will not change keeps nothing else from being sent, and says why."""
    outbox.put(golden_item(NAMES[0]))
    result = ResultBody(test_id="test_1", status="passed")
    outbox.put(ResultsItem(run_id="run_gone", results=(result,)))
    (outbox.folder / f"{'0' * 64}.json").write_text('{"kind": "unheard of"}')

    with Ledger() as ledger:
        told = drained(outbox, ledger)

    reasons = " ".join(json.loads(path.read_text())["reason"] for path in told.dead)
    assert (told.sent, told.waiting) == (1, 0)
    assert "no such run" in reasons
    assert "nothing that can be sent" in reasons


def test_a_key_that_is_refused_keeps_everything(outbox: Outbox) -> None:
    """The wrong key is nothing that is wrong with what waits."""
    outbox.put(golden_item(NAMES[0]))

    with FaultServer(problem(401, "authentication_error")) as server:
        told = drained(outbox, server)  # type: ignore[arg-type]

    assert (told.sent, told.waiting, told.dead) == (0, 1, [])
    assert told.problem.startswith("authentication_error")


def test_time_is_limited(outbox: Outbox) -> None:
    """After thirty seconds the rest waits for the next time, however much there is."""
    for name in NAMES:
        outbox.put(golden_item(name))
    with Ledger() as ledger:
        told = drained(outbox, ledger, StoppedClock(seconds_a_look=2))

    assert told.problem == "there was not enough time"
    assert 0 < told.sent < 3
    assert told.sent + told.waiting == 3
