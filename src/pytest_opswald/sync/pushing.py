"""Goldens on their way: those the server has are left alone, the others go by the outbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import GoldenError, InvalidSetting
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.store import files
from pytest_opswald.store.folders import goldens_of
from pytest_opswald.store.paths import FOLDER
from pytest_opswald.store.variants import variant_paths

from .draining import Drain, Drained
from .goldens import item_of, trace_id_of
from .items import name_of
from .outbox import Outbox


def push(
    goldens: Mapping[Path, str],
    outbox: Outbox,
    client: OpsClient,
    *,
    root: Path,
    rules: Callable[[Path], Rules | None] = lambda folder: None,
) -> Drained:
    """Send the goldens that the server does not have, and what waits; names by path.

    `rules` say what is a secret in a folder. A golden that cannot be read is noted and keeps no
    other from being sent. Raises OSError.
    """
    drain = Drain(outbox, client)
    notes = []
    for path, name in goldens.items():
        try:
            if not drain.holds(name, trace_id_of(path)):
                outbox.put(item_of(path, root=root, rules=rules(path.parent)))
        except GoldenError as problem:
            notes.append(str(problem))
    return replace(drain.run(), notes=notes)


def named(paths: Iterable[Path]) -> dict[Path, str]:
    """The names of their golden tests. Raises GoldenError."""
    return {path: name_of(files.load(path).test) for path in paths}


def goldens_below(given: Iterable[Path]) -> list[Path]:
    """The goldens named, and those in folders of goldens below. Raises InvalidSetting."""
    found: dict[Path, None] = {}
    for path in given:
        if path.is_dir():
            below = (each for each in path.rglob("*.json") if each.parent.name == FOLDER)
            found |= dict.fromkeys(goldens_of(below))
        elif path.is_file():
            found[path] = None
        else:
            raise InvalidSetting(f"{path}: there is no such golden")
    variants = {variant for path in found for variant in variant_paths(path)}
    return [path for path in found if path not in variants]
