"""The page on the client says what happens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.client.endpoints import Endpoint, Listing, Resource
from tests.docs.markdown import blocks
from tests.docs.project import ROOT

PAGE = ROOT / "docs" / "client.md"


def test_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its blocks run one after the other, against a server of our own."""
    pytest.importorskip("fastapi")
    from pytest_opswald.server.settings import ServerSettings
    from tests.server.conftest import serving

    monkeypatch.delenv("OPSWALD_API_KEY", raising=False)
    with serving(ServerSettings(db=f"sqlite:///{tmp_path / 'opswald.db'}")) as url:
        monkeypatch.setenv("OPSWALD_BASE_URL", url)
        names: dict[str, object] = {}
        for block in blocks(PAGE):
            exec(compile(block.text, str(block), "exec"), names)
        client = names["client"]
        assert isinstance(client, OpsClient)
        client.close()


def test_names_every_method() -> None:
    """The table of methods is that of the client."""
    told = {
        f"{noun}.{verb}"
        for noun, verbs in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
        for verb in re.findall(r"`(\w+)`", verbs)
    }
    methods = {
        f"{noun}.{verb}"
        for noun, resource in vars(OpsClient(base_url="http://127.0.0.1")).items()
        if isinstance(resource, Resource)
        for verb, endpoint in vars(type(resource)).items()
        if isinstance(endpoint, Endpoint | Listing)
    }

    assert told == methods
