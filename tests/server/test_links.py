"""Links in answers lead somewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from tests.server.test_golden_tests import golden, run


def test_links_lead_to_the_documents_that_hold_them(api: httpx.Client, base_url: str) -> None:
    """What an answer calls `url` shows, in a browser, too, what that answer was about."""
    test = golden(api, "Linked")
    done = run(api, test_ids=[test["id"]])
    server = base_url.removesuffix("/v1")

    for name, document in (("id", test), ("run_id", done)):
        page = httpx.get(f"{server}{urlsplit(document['url']).path}", follow_redirects=True)
        assert page.json()[name] == document[name]
