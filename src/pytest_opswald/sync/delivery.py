"""How an item reaches the server: steps that may be repeated, however often they were broken off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from pytest_opswald.api.golden_tests import GoldenTest, GoldenTestBody, ResultBody
from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import ValidationError

from .items import GoldenItem, Item, ResultsItem, RunItem

Element = TypeVar("Element")
AT_ONCE = 100
"""Results in one request."""


class Delivery:
    """Brings items to one server; looks once at which golden tests it has."""

    def __init__(self, client: OpsClient) -> None:
        self._client = client
        self._found: dict[str, GoldenTest] | None = None
        self.urls: list[str] = []
        """Pages of runs that were filled."""

    def holds(self, name: str, trace_id: str) -> bool:
        """Whether the server has this golden test with just this content."""
        known = self._known().get(name)
        return known is not None and known.trace_id == trace_id

    def deliver(self, item: Item) -> None:
        """Raises ApiError and NoAnswer; then it may have arrived, and may be delivered again."""
        match item:
            case GoldenItem():
                self._golden(item)
            case RunItem():
                self._run(item)
            case ResultsItem():
                self._upload(item.run_id, item.results)

    def _golden(self, item: GoldenItem) -> None:
        test, trace_id = item.test, item.test.trace_id
        if self.holds(test.name, trace_id):
            return
        self._client.traces.create(**given(item.trace))
        try:
            self._put(test)
        except ValidationError as refusal:
            if refusal.details.get("field") != "name":
                raise
            self._found = None  # somebody else has just created it
            self._put(test)

    def _put(self, test: GoldenTestBody) -> None:
        """Create or update the golden test of that name."""
        fields = given(test)
        if known := self._known().get(test.name):
            stored = self._client.golden_tests.update(known.id, **fields)
        else:
            stored = self._client.golden_tests.create(**fields)
        self._known()[test.name] = stored

    def _run(self, item: RunItem) -> None:
        known = self._known()
        results = [
            ResultBody(test_id=known[name].id, **result)
            for name, result in item.results.items()
            if name in known
        ]
        if not results:
            raise ValidationError(f"no golden test of this run exists: {', '.join(item.results)}")
        self._client.golden_tests.run(
            run_id=item.run_id,
            test_ids=[result.test_id for result in results],
            modifications=item.modifications,
            executor="runner",
        )
        self._upload(item.run_id, results)

    def _upload(self, run_id: str, results: Sequence[ResultBody]) -> None:
        upload = self._client.golden_tests.upload_results
        runs = [upload(run_id, results=some) for some in batches(results)]
        self.urls.append(runs[-1].url)

    def _known(self) -> dict[str, GoldenTest]:
        if self._found is None:
            self._found = {test.name: test for test in self._client.golden_tests.list(limit=100)}
        return self._found


def given(document: BaseModel) -> Mapping[str, Any]:
    return {name: getattr(document, name) for name in document.model_fields_set}


def batches(elements: Sequence[Element]) -> Iterator[Sequence[Element]]:
    for start in range(0, len(elements), AT_ONCE):
        yield elements[start : start + AT_ONCE]
