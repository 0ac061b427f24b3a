"""Lists are walked over page by page."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_opswald import OpsClient
from pytest_opswald.errors import NoAnswer
from tests.client.conftest import Ask
from tests.client.fault_server import FaultServer, Move, says

HOOK = {"url": "https://x", "events": [], "active": True, "created_at": "2026-03-17T14:15:32Z"}


def page(*ids: str, cursor: str | None = None) -> Move:
    hooks = [HOOK | {"id": each} for each in ids]
    more = cursor is not None
    pagination = {"has_more": more, "next_cursor": cursor}
    return says(
        200,
        {"data": hooks, "webhooks": hooks, "total": 3, "has_more": more, "pagination": pagination},
    )


def _walk(client: Any) -> Any:
    return client.webhooks.list(limit=2)


def test_walks_over_all_pages(ask: Ask) -> None:
    """Iterating goes on with the cursor of each page until there is none."""
    with FaultServer(page("wh_1", "wh_2", cursor="cursor_a"), page("wh_3")) as server:
        hooks = ask(server, _walk)

    assert [hook.id for hook in hooks] == ["wh_1", "wh_2", "wh_3"]
    assert [asked.target for asked in server.requests] == [
        "/v1/webhooks?limit=2",
        "/v1/webhooks?limit=2&cursor=cursor_a",
    ]


def test_filters_travel_in_the_cursor(ask: Ask) -> None:
    """The second page is asked for by its cursor alone, not by the offset of the first."""
    with FaultServer(page("wh_1", cursor="cursor_a"), page("wh_2")) as server:
        ask(server, lambda client: client.webhooks.list(offset=7))

    assert server.requests[1].target == "/v1/webhooks?cursor=cursor_a"


def test_pages_are_fetched_when_they_are_needed() -> None:
    """Whoever stops early asks for no further page."""
    with FaultServer(page("wh_1", cursor="cursor_a")) as server:
        first = next(iter(OpsClient(base_url=server.url).webhooks.list()))

    assert first.id == "wh_1"
    assert len(server.requests) == 1


def test_one_page(ask: Ask) -> None:
    """`page()` is the first page, with what it says of the others."""
    with FaultServer(page("wh_1", cursor="cursor_a")) as server:
        told = ask(server, lambda client: client.webhooks.list().page())

    assert [hook.id for hook in told.data] == ["wh_1"]
    assert (told.total, told.has_more, told.pagination.next_cursor) == (3, True, "cursor_a")


ENDLESS = {
    "a cursor that comes again": [page("wh_1", cursor="cursor_a")],
    "an empty page before the last": [page("wh_1", cursor="cursor_a"), page(cursor="cursor_b")],
}


@pytest.mark.parametrize("moves", ENDLESS.values(), ids=ENDLESS)
def test_pages_that_do_not_end(ask: Ask, moves: list[Move]) -> None:
    """A server that leads in circles is not followed for ever."""
    with FaultServer(*moves) as server, pytest.raises(NoAnswer, match="do not end"):
        ask(server, _walk)

    assert len(server.requests) == 2
