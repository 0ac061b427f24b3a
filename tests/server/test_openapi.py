"""The API's description is published, and checked in: a change to it shows in review."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from pytest_opswald.server.app import create_app
from pytest_opswald.server.openapi import described
from pytest_opswald.server.settings import ServerSettings
from tests.server.conftest import serving

PAGE = Path(__file__).parents[2] / "docs" / "openapi.json"


def now() -> dict[str, Any]:
    return described(create_app(ServerSettings()))


def test_the_page_is_what_the_server_says() -> None:
    """After a change:  python -m tests.server.test_openapi"""
    assert json.loads(PAGE.read_text(encoding="utf-8")) == now()


def test_the_server_publishes_it(base_url: str) -> None:
    """No key is needed to read what is public."""
    assert httpx.get(f"{base_url}/openapi.json", timeout=60).json() == now()


def test_many_may_ask_first(tmp_path: Path) -> None:
    """A server that has just started describes itself once, for all of them."""
    settings = ServerSettings(db=f"sqlite:///{tmp_path / 'opswald.db'}")
    with serving(settings) as url, ThreadPoolExecutor(8) as many:
        answers = list(many.map(lambda _: httpx.get(f"{url}/openapi.json", timeout=60), range(8)))

    assert {answer.status_code for answer in answers} == {200}


def test_every_reference_leads_somewhere() -> None:
    """Bodies we read ourselves are described like those FastAPI reads."""
    text = json.dumps(now())

    named = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}

    assert named <= now()["components"]["schemas"].keys()
    assert "$defs" not in text


if __name__ == "__main__":
    PAGE.write_text(json.dumps(now(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
