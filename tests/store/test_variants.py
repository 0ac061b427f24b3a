"""Which files are variants of a golden."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_opswald.store.variants import next_variant, variant_paths


def test_variants_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Whatever else lies beside them, and with gaps where one was deleted."""
    for name in ("a", "a.variant-10", "a.variant-2", "ab.variant-3", "a.variant-x"):
        (tmp_path / f"{name}.json").touch()

    found = variant_paths(tmp_path / "a.json")

    assert [path.name for path in found] == ["a.variant-2.json", "a.variant-10.json"]
    assert next_variant(tmp_path / "a.json").name == "a.variant-11.json"


def test_a_variant_added_since_is_found(tmp_path: Path) -> None:
    """A folder is listed again when it has changed, or may have."""
    golden, counts = tmp_path / "a.json", []

    for number in (2, 3, 4):
        (tmp_path / f"a.variant-{number}.json").touch()
        if number == 3:
            os.utime(tmp_path, (number, number))  # changed long ago: the listing is remembered
        counts.append(len(variant_paths(golden)))

    assert counts == [1, 2, 3]


def test_where_there_is_no_folder_there_are_no_variants(tmp_path: Path) -> None:
    """Neither to read, nor before the next one."""
    golden = tmp_path / "goldens" / "a.json"

    assert variant_paths(golden) == []
    assert next_variant(golden).name == "a.variant-2.json"
