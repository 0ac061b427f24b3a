"""Goldens of every release load for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.store import files, json_text
from pytest_opswald.store.encoding import to_data
from pytest_opswald.store.migrations import MIGRATIONS, migrated
from pytest_opswald.trace.golden import SCHEMA

SAMPLES = sorted((Path(__file__).parent / "goldens").glob("v*/*.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sample_of_every_release_loads_and_is_saved_again_alike(sample: Path) -> None:
    """Saving what was loaded gives the bytes of the file, once it is of the present schema."""
    golden = files.load(sample)

    saved = json_text.dump(to_data(golden))

    assert golden.trace.steps
    if sample.parent.name == f"v{SCHEMA}":
        assert saved == sample.read_text(encoding="utf-8")
    again = json_text.parse(saved.encode(), sample)
    assert migrated(again)["schema"] == SCHEMA


def test_every_schema_has_a_way_to_the_present_one() -> None:
    """And a sample that shows it."""
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA))
    assert {sample.parent.name for sample in SAMPLES} == {f"v{n}" for n in range(1, SCHEMA + 1)}


def test_older_data_goes_through_each_later_schema() -> None:
    """One step at a time: a migration knows its own schema and the next."""

    def with_tags(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, "tags": []}

    def with_labels(data: dict[str, Any]) -> dict[str, Any]:
        return {"labels": data.pop("tags"), **data}

    old = {"schema": 1, "name": "x"}

    new = migrated(old, migrations={1: with_tags, 2: with_labels}, to=3)

    assert new == {"schema": 3, "name": "x", "labels": []}


def test_present_data_stays_as_it_is() -> None:
    """Migrating twice is migrating once."""
    data = {"schema": 2, "tags": ["a"]}

    assert migrated(data, migrations={1: lambda data: {}}, to=2) is data
