"""Every way to call the SDKs, through the plugin: recorded, then replayed with nobody there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language import Project
from tests.scenarios.sdk_scenarios import model

TEST = """
import json
import os
import pathlib

import pytest

from tests.scenarios.sdk_scenarios import SCENARIOS, plain


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name, opswald):
    found = json.dumps(plain(SCENARIOS[name](os.environ["PROVIDER"])), default=str)
    kept = pathlib.Path("results", f"{name}.json")
    if os.environ.get("KEEP"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(found)
    assert found == kept.read_text()
"""

WIRES: dict[str, dict[str, Any]] = {
    "plain": {},
    "gzip": {"compress": True},
    "37 bytes": {"slices": 37},
}


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
def test_sdks_return_and_raise_the_same_without_a_provider(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
    wire: dict[str, Any],
) -> None:
    """Equal SDK objects, equal exceptions, zero connections."""
    root = pytestconfig.rootpath
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'examples'}")
    project(test=TEST)
    project.talk(model, **wire)
    monkeypatch.setenv("PROVIDER", project.provider.url)
    monkeypatch.setenv("KEEP", "1")
    recorded = project.run("--opswald-record")
    assert set(recorded.outcomes) == {"passed"}, recorded.report
    project.provider.stop()
    connections = project.provider.connections
    monkeypatch.delenv("KEEP")

    replayed = project.run("--opswald-replay")

    assert replayed.outcomes == recorded.outcomes, replayed.report
    assert project.provider.connections == connections
