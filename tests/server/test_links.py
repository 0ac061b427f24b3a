"""Links in answers lead somewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import httpx

from pytest_opswald.server.settings import ServerSettings
from tests.server.conftest import serving
from tests.server.test_golden_tests import golden, run


def test_links_keep_the_path_that_a_proxy_puts_before(tmp_path: Path) -> None:
    """`--public-url` may have one."""
    known = ServerSettings(db=f"sqlite:///{tmp_path}/a.db", public_url="https://x.example/agents")
    with serving(known) as url:
        answer = httpx.get(f"{url}/replays/replay_1", headers={"Host": "x.example"})

    assert answer.headers["Location"] == "/agents/v1/replays/replay_1"


def test_links_lead_to_the_documents_that_hold_them(api: httpx.Client, base_url: str) -> None:
    """What an answer calls `url` shows, in a browser, too, what that answer was about."""
    test = golden(api, "Linked")
    done = run(api, test_ids=[test["id"]])
    server = base_url.removesuffix("/v1")

    for name, document in (("id", test), ("run_id", done)):
        page = httpx.get(f"{server}{urlsplit(document['url']).path}", follow_redirects=True)
        assert page.json()[name] == document[name]
