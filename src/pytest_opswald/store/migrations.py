"""Files of earlier schemas, brought up to date as they are read.

A release that changes the file raises `trace.golden.SCHEMA` and adds one line here; a sample of
every schema that was ever released lies in `tests/store/goldens/` and must load for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_opswald.trace.golden import SCHEMA

Migration = Callable[[dict[str, Any]], dict[str, Any]]
"""The data of one schema as data of the next; may change its argument. Raises nothing."""

MIGRATIONS: Mapping[int, Migration] = {}
"""By the schema that they lead on from."""


def migrated(
    data: dict[str, Any], *, migrations: Mapping[int, Migration] = MIGRATIONS, to: int = SCHEMA
) -> dict[str, Any]:
    """The data of a file in the schema `to`, whose own schema is that or an earlier one."""
    for schema in range(data["schema"], to):
        data = {**migrations[schema](data), "schema": schema + 1}
    return data
