"""What waits to be sent, as documents: each is sent as often as it takes and stored once."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from pytest_opswald.api.golden_tests import GoldenTestBody, ResultBody
from pytest_opswald.api.replays import Modifications
from pytest_opswald.api.traces import TraceBody
from pytest_opswald.trace.document import Document

_LONGEST = 200


class GoldenItem(Document):
    """A golden, to become the golden test of its name."""

    kind: Literal["golden"] = "golden"
    trace: TraceBody
    """Its id is made of the content of the golden: who knows the trace has the golden."""
    test: GoldenTestBody


class RunItem(Document):
    """What came of replays, to become a run of golden tests."""

    kind: Literal["run"] = "run"
    run_id: str
    """Made up here, so that the run is started once."""
    modifications: Modifications = Modifications()
    results: dict[str, dict[str, Any]]
    """By name of the golden test: a ResultBody without the id, which only the server knows."""


class ResultsItem(Document):
    """What came of replays that a run on the server asked for."""

    kind: Literal["results"] = "results"
    run_id: str
    results: Annotated[tuple[ResultBody, ...], Field(min_length=1)]


Item = GoldenItem | RunItem | ResultsItem
_ITEM: TypeAdapter[Item] = TypeAdapter(Annotated[Item, Field(discriminator="kind")])


def packed(item: Item) -> bytes:
    told = item.model_copy(update={"kind": item.kind})  # or it would count as left out
    return told.model_dump_json(exclude_unset=True).encode()


def unpacked(content: bytes) -> Item:
    """Raises pydantic.ValidationError."""
    return _ITEM.validate_json(content)


def name_of(test: str) -> str:
    """The name of the golden test of a golden: the node id of its test, cut where it is too long."""
    if len(test) <= _LONGEST:
        return test
    tail = f"-{sha256(test.encode()).hexdigest()[:8]}"
    return test[: _LONGEST - len(tail)] + tail
