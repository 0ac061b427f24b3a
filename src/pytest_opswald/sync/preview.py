"""The exact bytes that would be sent, where the server has nothing of it yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pytest_opswald.api.golden_tests import ResultBody
from pytest_opswald.client.calls import Call
from pytest_opswald.client.resources import GoldenTests, Traces

from .delivery import batches, given
from .items import GoldenItem, Item, ResultsItem, RunItem


def preview(item: Item) -> Iterator[str]:
    """Each request: method and path, then its body, then nothing.

    Ids of golden tests, which only the server knows, are their names.
    """
    for call in _calls(item):
        yield f"{call.method} {call.path}"
        yield (call.body or b"").decode()
        yield ""


def _calls(item: Item) -> Iterator[Call[Any]]:
    match item:
        case GoldenItem():
            yield Traces.create.call(**given(item.trace))
            yield GoldenTests.create.call(**given(item.test))
        case RunItem():
            yield GoldenTests.run.call(
                run_id=item.run_id,
                test_ids=list(item.results),
                modifications=item.modifications,
                executor="runner",
            )
            named = [ResultBody(test_id=name, **told) for name, told in item.results.items()]
            yield from _uploads(item.run_id, named)
        case ResultsItem():
            yield from _uploads(item.run_id, item.results)


def _uploads(run_id: str, results: Any) -> Iterator[Call[Any]]:
    for some in batches(results):
        yield GoldenTests.upload_results.call(run_id, results=some)
