"""Every way to call the SDKs, through the plugin: recorded, then replayed with nobody there."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest

from local_provider import Provider
from tests.language import Project
from tests.scenarios.sdk_scenarios import model

TEST = """
import json
import os
import pathlib

import pytest

from tests.scenarios.sdk_scenarios import SCENARIOS, plain

PROVIDERS = json.loads(os.environ["PROVIDERS"])


@pytest.mark.parametrize("wire", PROVIDERS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name, wire, opswald):
    found = json.dumps(plain(SCENARIOS[name](PROVIDERS[wire])), default=str)
    kept = pathlib.Path("results", wire, f"{name}.json")
    if os.environ.get("KEEP"):
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(found)
    assert found == kept.read_text()
"""

WIRES: dict[str, dict[str, Any]] = {
    "plain": {},
    "gzip": {"compress": True},
    "37 bytes": {"slices": 37},
}


def test_sdks_return_and_raise_the_same_without_a_provider(
    project: Project, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """Equal SDK objects, equal exceptions, zero connections; however the answers are sent."""
    root = pytestconfig.rootpath
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'examples'}")
    project(test=TEST)
    with ExitStack() as running:
        providers = {
            name: running.enter_context(Provider(model, **wire)) for name, wire in WIRES.items()
        }
        urls = {name: provider.url for name, provider in providers.items()}
        monkeypatch.setenv("PROVIDERS", json.dumps(urls))
        monkeypatch.setenv("KEEP", "1")
        recorded = project.run("--opswald-record")
    assert set(recorded.outcomes) == {"passed"}, recorded.report
    connections = {name: provider.connections for name, provider in providers.items()}
    monkeypatch.delenv("KEEP")

    replayed = project.run("--opswald-replay")

    assert replayed.outcomes == recorded.outcomes, replayed.report
    assert {name: provider.connections for name, provider in providers.items()} == connections
