"""What a test is called, whoever runs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pytest_opswald.plugin.names import test_id as id_of

TEST = "test_it.py::test_one"


@dataclass
class Item:
    """An item as a worker has it: of xdist, which sets `loadgroup`, and of an older pytest."""

    nodeid: str
    groups: tuple[pytest.Mark, ...] = ()
    loadgroup: bool = True

    @property
    def config(self) -> Any:
        return SimpleNamespace(option=SimpleNamespace(loadgroup=self.loadgroup))

    def iter_markers(self, name: str) -> Iterator[pytest.Mark]:
        return (mark for mark in self.groups if mark.name == name)


EAST, WEST = pytest.mark.xdist_group("east").mark, pytest.mark.xdist_group(name="west").mark
NAMELESS = pytest.mark.xdist_group.mark


@pytest.mark.parametrize(
    ("shown", "groups", "name"),
    [
        (f"{TEST}@east", (EAST,), TEST),
        (f"{TEST}@east_west", (WEST, EAST, EAST), TEST),
        (f"{TEST}@default", (NAMELESS,), TEST),
        (f"{TEST}[a@east]@east", (EAST,), f"{TEST}[a@east]"),
        (f"{TEST}@east", (), f"{TEST}@east"),
        (TEST, (EAST,), TEST),
    ],
)
def test_a_group_of_xdist_is_no_part_of_the_name(
    shown: str, groups: tuple[pytest.Mark, ...], name: str
) -> None:
    """A golden recorded in a worker is found by a bare run."""
    assert id_of(cast("pytest.Item", Item(shown, groups))) == name


def test_elsewhere_a_name_stays_as_it_is() -> None:
    """Where no worker groups anything."""
    item = Item(f"{TEST}@east", (EAST,), loadgroup=False)

    assert id_of(cast("pytest.Item", item)) == f"{TEST}@east"
