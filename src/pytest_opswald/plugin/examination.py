"""Loaded into the processes of `pytest-opswald doctor`: sets the circumstances, notes what is said.

Circumstances come as JSON in `OPSWALD_EXAMINATION`: `folder` to write to, `seed` of the random
module, `shift_hours` of the clock.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Generator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.engine.drift import said
from pytest_opswald.errors import OpswaldError
from pytest_opswald.store.paths import golden_path

from .hooks import RUN
from .names import test_id
from .options import settings_for, takes_part

VARIABLE = "OPSWALD_EXAMINATION"


def pytest_configure(config: pytest.Config) -> None:
    told = json.loads(os.environ[VARIABLE])
    if told["shift_hours"]:
        # From here on, so that what modules do while they are imported is shifted as well.
        later = datetime.now(UTC) + timedelta(hours=told["shift_hours"])
        import_module("time_machine").travel(later, tick=True).start()
    examination = Examination(Path(told["folder"]), told["seed"])
    examination.reseed()
    config.pluginmanager.register(examination, "opswald-examination")


class Examination:
    """Keeps what the agent's own code said in every unmodified replay."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed

    def reseed(self) -> None:
        """The dice that code usually throws."""
        random.seed(self._seed)
        if numpy := sys.modules.get("numpy"):
            numpy.random.seed(self._seed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out whatever would go live, and all that has nothing to do with goldens."""
        examined = [item for item in items if _is_offline(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in examined])
        items[:] = examined

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self.reseed()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        run = item.stash.get(RUN, None)
        if call.when == "call" and run and run.summary:
            told = {"test": item.nodeid, "said": [asdict(it) for it in said(run.summary.run)]}
            name = sha256(item.nodeid.encode("utf-8", "surrogatepass")).hexdigest()[:16]
            (self._folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
        return (yield)


def _is_offline(item: pytest.Item) -> bool:
    if not takes_part(item):
        return False
    try:
        modified = settings_for(item).spec.modified
    except OpswaldError:
        return False
    return not modified and golden_path(item.path, test_id(item)).exists()
