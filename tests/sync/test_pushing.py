"""Goldens as golden tests of a server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.errors import InvalidSetting
from pytest_opswald.store import files
from pytest_opswald.sync.delivery import Delivery
from pytest_opswald.sync.draining import Drained
from pytest_opswald.sync.goldens import item_of, trace_id_of
from pytest_opswald.sync.items import name_of, packed, unpacked
from pytest_opswald.sync.outbox import Outbox
from pytest_opswald.sync.pushing import goldens_below, named, push
from pytest_opswald.trace.outcome import parse_outcome
from tests.client.conftest import StoppedClock
from tests.sync.conftest import drained
from tests.sync.ledger import Ledger

TEST_A = "tests/test_it.py::test_a"


def pushed(goldens: list[Path], outbox: Outbox, ledger: Ledger) -> Drained:
    with OpsClient(base_url=ledger.url, clock=StoppedClock()) as client:
        return push(named(goldens), outbox, client, root=goldens[0].parents[1])


def test_goldens_become_golden_tests(goldens: list[Path], outbox: Outbox) -> None:
    """Each is a golden test named as its pytest test, on a trace of all its steps."""
    with Ledger() as ledger:
        told = pushed(goldens, outbox, ledger)

    assert told.sent == 3
    assert ledger.names == [f"tests/test_it.py::test_{name}" for name in "abc"]
    test = ledger.named(TEST_A)
    trace = ledger.traces[test["trace_id"]]
    assert test["expected_outcome"] == json.loads(goldens[0].read_text())["expected_outcome"]
    assert len(trace["steps"]) == len(files.load(goldens[0]).trace.steps)
    assert list(outbox) == []


def test_equal_goldens_are_left_alone(goldens: list[Path], outbox: Outbox) -> None:
    """What the server has is not sent again; nothing is written, here or there."""
    with Ledger() as ledger:
        pushed(goldens, outbox, ledger)
        ledger.written.clear()
        told = pushed(goldens, outbox, ledger)

    assert told.sent == 0
    assert ledger.written == []


def test_changed_goldens_are_updated(goldens: list[Path], outbox: Outbox) -> None:
    """Another content is another trace of the same golden test."""
    with Ledger() as ledger:
        pushed(goldens, outbox, ledger)
        golden = files.load(goldens[0])
        told = golden.model_copy(update={"expected_outcome": parse_outcome({"status": "error"})})
        files.save(goldens[0], told)
        pushed(goldens, outbox, ledger)

    assert len(ledger.tests) == 3
    assert ledger.named(TEST_A)["expected_outcome"] == {"status": "error"}
    assert ledger.named(TEST_A)["trace_id"] == trace_id_of(goldens[0])


def test_a_server_that_is_down_gets_it_later(goldens: list[Path], outbox: Outbox) -> None:
    """What could not be sent waits in the outbox, and is sent by the next who tries."""
    with Ledger() as ledger:
        pass
    told = pushed(goldens, outbox, ledger)

    assert (told.sent, told.waiting) == (0, 3)
    assert "ConnectError" in told.problem
    with Ledger() as ledger:
        assert drained(outbox, ledger).sent == 3
    assert len(ledger.names) == 3


def test_somebody_else_creates_it_first(goldens: list[Path], outbox: Outbox) -> None:
    """A name that was free a moment ago is updated, not refused."""
    items = [item_of(path, root=path.parents[1]) for path in goldens]
    with Ledger() as ledger, OpsClient(base_url=ledger.url) as client:
        delivery = Delivery(client)
        delivery.deliver(items[0])
        ledger.create({"name": items[1].test.name, "trace_id": "trace_other"})
        delivery.deliver(items[1])

    assert len(ledger.tests) == 2
    assert ledger.named(items[1].test.name)["trace_id"] == trace_id_of(goldens[1])


def test_an_unreadable_golden_keeps_no_other_back(goldens: list[Path], outbox: Outbox) -> None:
    """It is told by its place, and the others are sent."""
    names = named(goldens)
    goldens[1].write_text("<<<<<<< ours\n", encoding="utf-8")

    with Ledger() as ledger, OpsClient(base_url=ledger.url) as client:
        told = push(names, outbox, client, root=goldens[0].parents[1])

    assert told.sent == 2
    assert [note.splitlines()[0].startswith(f"{goldens[1]}:1") for note in told.notes] == [True]


def test_a_golden_too_long_for_a_server_keeps_no_other_back(
    goldens: list[Path], outbox: Outbox
) -> None:
    """What is too long is named."""
    golden = files.load(goldens[1])
    outcome = parse_outcome({"final_message": {"contains": "x" * 2**18}})
    files.save(goldens[1], golden.model_copy(update={"expected_outcome": outcome}))

    with Ledger() as ledger:
        told = pushed(goldens, outbox, ledger)

    assert told.sent == 2
    assert [note.splitlines()[0] for note in told.notes] == [
        f"{goldens[1]}:1:1: too much for a server: expected_outcome: at most 256 KiB as JSON"
    ]


def test_every_tag_that_a_golden_test_may_have_fits(goldens: list[Path]) -> None:
    """The trace has one of its own besides, where there is room."""
    tags = tuple(f"tag {n}" for n in range(100))
    golden = files.load(goldens[0])
    files.save(goldens[0], golden.model_copy(update={"tags": tags}))

    many, few = (item_of(path, root=path.parents[1]) for path in goldens[:2])

    assert many.trace.tags == many.test.tags == tags
    assert few.trace.tags == ("golden",)


def test_what_leaves_holds_no_secret(goldens: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that is known to be secret by now is taken out, whatever the file holds."""
    secret = "hunter2-correct-horse-battery"
    text = goldens[0].read_text(encoding="utf-8")
    goldens[0].write_text(text.replace("Refund", secret), encoding="utf-8")
    monkeypatch.setenv("SHOP_API_KEY", secret)

    content = packed(item_of(goldens[0], root=goldens[0].parents[1]))

    assert secret in goldens[0].read_text(encoding="utf-8")
    assert secret.encode() not in content


def test_items_come_back_as_they_were(goldens: list[Path]) -> None:
    """A file of the outbox holds the whole item, byte for byte."""
    content = packed(item_of(goldens[0], root=goldens[0].parents[1]))

    assert packed(unpacked(content)) == content


def test_long_names_are_cut() -> None:
    """The API's names are shorter than node ids may be, and stay different."""
    one, other = name_of("x" * 300 + "1"), name_of("x" * 300 + "2")

    assert len(one) == len(other) == 200
    assert one != other


def test_folders_are_looked_through(goldens: list[Path], tmp_path: Path) -> None:
    """Of a folder all goldens are taken, without their variants; of files those that are named."""
    variant = goldens[0].with_name("test_a.variant-2.json")
    variant.write_bytes(goldens[0].read_bytes())
    (tmp_path / "other.json").write_text("{}")

    assert goldens_below([tmp_path]) == goldens
    assert goldens_below([goldens[1]]) == [goldens[1]]
    with pytest.raises(InvalidSetting, match="no such golden"):
        goldens_below([tmp_path / "nowhere"])
