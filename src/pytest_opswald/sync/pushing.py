"""Goldens on their way: those the server has are left alone, the others go by the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import InvalidSetting
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.store import files
from pytest_opswald.store.paths import FOLDER
from pytest_opswald.store.variants import variant_paths

from .draining import Drain, Drained
from .goldens import item_of, trace_id_of
from .items import name_of
from .outbox import Outbox


def push(
    goldens: Sequence[Path],
    outbox: Outbox,
    client: OpsClient,
    *,
    root: Path,
    rules: Rules | None = None,
) -> Drained:
    """Send what the server does not have, and what waits. Raises GoldenError, OSError."""
    drain = Drain(outbox, client)
    for path in goldens:
        if not drain.holds(name_of(files.load(path).test), trace_id_of(path)):
            outbox.put(item_of(path, root=root, rules=rules))
    return drain.run()


def goldens_below(given: Iterable[Path]) -> list[Path]:
    """The goldens named, and those in folders of goldens below. Raises InvalidSetting."""
    found: dict[Path, None] = {}
    for path in given:
        if path.is_dir():
            below = sorted(path.rglob("*.json"))
            found |= dict.fromkeys(each for each in below if each.parent.name == FOLDER)
        elif path.is_file():
            found[path] = None
        else:
            raise InvalidSetting(f"{path}: there is no such golden")
    variants = {variant for path in found for variant in variant_paths(path)}
    return [path for path in found if path not in variants]
