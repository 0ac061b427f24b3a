"""`pytest-opswald push`, `pull` and `sync`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_opswald.cli import main
from pytest_opswald.store import files
from pytest_opswald.sync.goldens import item_of
from pytest_opswald.sync.outbox import Outbox
from tests.report.refund import GOLDEN
from tests.sync.ledger import Ledger

NAME = "tests/test_refund.py::test_refund"


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One, in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPSWALD_API_KEY", raising=False)
    path = tmp_path / "goldens" / "test_refund.json"
    files.save(path, GOLDEN.model_copy(update={"test": NAME}))
    return path


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A server that the environment names; it listens when it is entered."""
    ledger = Ledger()
    monkeypatch.setenv("OPSWALD_BASE_URL", ledger.url)
    return ledger


def test_push(golden: Path, ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    """Goldens below the working directory go up, once."""
    with ledger:
        codes = [main(["push"]), main(["push"])]

    assert codes == [0, 0]
    assert ledger.names == [NAME]
    assert capsys.readouterr().out.splitlines() == [
        f"1 item sent to {ledger.url}",
        f"{ledger.url} has everything",
    ]


def test_dry_run_shows_what_is_sent(
    golden: Path, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """The preview is the bytes of the requests, and sends nothing."""
    with ledger:
        assert main(["push", "--dry-run"]) == 0
        assert ledger.requests == []
        shown = capsys.readouterr().out.splitlines()
        main(["push"])

    sent = {asked.target: asked.body.decode() for asked in ledger.requests if asked.body}
    assert shown[0] == "POST /traces"
    assert _timeless(shown[1]) == _timeless(sent["/v1/traces"])
    assert shown[3:5] == ["POST /golden-tests", sent["/v1/golden-tests"]]


def test_rules_of_the_project_hold_on_the_way_up_and_down(
    golden: Path, ledger: Ledger, tmp_path: Path
) -> None:
    """The golden may be older than they are."""
    shop = "helpful support agent"
    assert shop in golden.read_text()
    with ledger:
        main(["push"])
        (trace_id,) = ledger.traces
        (tmp_path / "pytest.ini").write_text(f"[pytest]\nopswald_redact_patterns = {shop}\n")
        ledger.requests.clear()
        main(["pull", trace_id, "goldens/pulled.json"])
        golden.rename(tmp_path / "goldens" / "again.json")
        main(["push", "goldens/again.json"])

    assert shop not in (tmp_path / "goldens" / "pulled.json").read_text()
    assert all(shop not in asked.body.decode() for asked in ledger.requests)


def _timeless(body: str) -> object:
    """Without the time of day, which stands for that of a recording nobody knows."""
    told = json.loads(body)
    return told | {"started_at": None, "ended_at": None}


def test_sync_sends_what_waits(
    golden: Path, ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What could not be sent is told, kept, and sent when the server is back."""
    Outbox(tmp_path).put(item_of(golden, root=tmp_path))
    ledger.faults = ["html"]

    with ledger:
        codes = [main(["sync"]), main(["sync"])]

    told = capsys.readouterr().out
    assert codes == [1, 0]
    assert "1 item not sent: GET http" in told
    assert "what is no JSON" in told
    assert f"1 item sent to {ledger.url}" in told
    assert ledger.names == [NAME]


def test_pull(
    golden: Path, ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trace of the server becomes a golden, which replays; pulled again it stays as it is."""
    with ledger:
        main(["push"])
        (trace_id,) = ledger.traces
        codes = [main(["pull", trace_id, "goldens/pulled.json"]) for _ in range(2)]

    pulled = files.load(tmp_path / "goldens" / "pulled.json")
    assert codes == [0, 0]
    assert [step.type for step in pulled.trace.steps] == [s.type for s in GOLDEN.trace.steps]
    assert pulled.trace.llm_calls[0].http == GOLDEN.trace.llm_calls[0].http
    assert capsys.readouterr().out.splitlines()[1:] == [
        "goldens/pulled.json: written",
        "goldens/pulled.json: is there already",
    ]


def test_pull_keeps_what_is_there(
    golden: Path, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another golden is not overwritten."""
    trace = {"id": "trace_1", "started_at": "2026-03-17T14:15:32Z", "steps": []}
    ledger.traces["trace_1"] = trace
    with ledger:
        code = main(["pull", "trace_1", str(golden)])

    assert code == 2
    assert "another golden is there" in capsys.readouterr().err


def test_pull_of_what_cannot_be_replayed(
    golden: Path, ledger: Ledger, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trace without its messages makes no golden, and says why."""
    steps = [{"type": "llm_call", "input": {"model": "gpt-4o"}, "output": {"content": "Hi"}}]
    ledger.traces["trace_1"] = {
        "id": "trace_1",
        "started_at": "2026-03-17T14:15:32Z",
        "steps": steps,
    }
    with ledger:
        code = main(["pull", "trace_1"])

    assert code == 2
    assert "does not say what the LLM was asked" in capsys.readouterr().err
    assert not (tmp_path / "goldens" / "trace_1.json").exists()
