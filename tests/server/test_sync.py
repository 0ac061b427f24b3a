"""Goldens on a server, and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.diff.compare import compare
from pytest_opswald.playback import play
from pytest_opswald.store import files
from pytest_opswald.sync.delivery import given
from pytest_opswald.sync.goldens import item_of
from pytest_opswald.sync.pulling import pull

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/goldens/*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_golden_comes_back(base_url: str, tmp_path: Path, path: Path) -> None:
    """A golden that was sent and is pulled again is the same run, and replays without the agent."""
    pulled = tmp_path / "goldens" / "pulled.json"
    item = item_of(path, root=tmp_path)

    with OpsClient(base_url=base_url) as client:
        client.traces.create(**given(item.trace))
        assert item.trace.id
        assert pull(client, item.trace.id, pulled)

    golden = files.load(pulled)
    assert compare(files.load(path), golden.trace, profile="exact").changed == ()
    assert [call.http for call in golden.trace.llm_calls] == [
        call.http for call in files.load(path).trace.llm_calls
    ]
    assert not play(golden).verdict.failed
