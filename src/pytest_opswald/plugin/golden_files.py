"""Goldens as tests by themselves: the folders of `opswald_goldens`, with no Python at all."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import ExceptionInfo, TerminalRepr

from pytest_opswald.errors import OpswaldError
from pytest_opswald.playback import Played, play
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.report import junit
from pytest_opswald.report.merge import summarise
from pytest_opswald.report.summary import Summary
from pytest_opswald.store.files import load
from pytest_opswald.store.folders import goldens_of

from .masking import mask
from .options import settings_for
from .output import AsText, told_of
from .testrun import Divergence

_NAME = "opswald-golden-files"


def collect(config: pytest.Config) -> None:
    """Collect the goldens below the folders of the ini value from now on."""
    from .doorbell import listen

    listen(config)
    folders = [config.rootpath / name for name in config.getini("opswald_goldens")]
    for folder in folders:
        if not folder.is_dir():
            raise pytest.UsageError(f"ini opswald_goldens: there is no folder {folder}")
    config.pluginmanager.register(_Collector(folders), _NAME)


class _Collector:
    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> GoldenFile | None:
        ours = any(file_path.is_relative_to(folder) for folder in self._folders)
        if not (ours and goldens_of([file_path])):
            return None
        return GoldenFile.from_parent(parent, path=file_path)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, Any]:
        report = yield
        if isinstance(item, GoldenItem):
            if call.when == "teardown" and item.told:
                report.opswald = item.told
            if item.secrets:
                mask(report, item.secrets)
        return report


class GoldenFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        yield GoldenItem.from_parent(self, name=self.path.stem)


class GoldenItem(pytest.Item):
    """One golden, replayed without the code that recorded it."""

    replays_itself = True

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.add_marker("opswald")
        self.told: dict[str, Any] = {}
        self.summary: Summary | None = None
        self.secrets: Secrets | None = None

    def runtest(self) -> None:
        self.told, self.summary = {}, None  # of the trial before
        try:
            settings = settings_for(self)
            self.secrets = Secrets(settings.redaction, lambda: dict(os.environ))
            played = play(
                load(self.path),
                settings.spec,
                expected_outcome=settings.expected_outcome,
                folder=self.path.parent,
                rules=settings.redaction,
            )
        except OpswaldError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        self._tell(played)

    def _tell(self, played: Played) -> None:
        replay = played.verdict.replay
        self.summary = summary = summarise(
            replay, played.verdict.difference, profile=played.verdict.profile
        )
        self.user_properties += [
            *junit.properties(summary),
            ("opswald.fidelity", played.fidelity),
            ("opswald.coverage", played.coverage),
        ]
        self.told = told_of(summary, self.nodeid, self.config.get_verbosity())
        self.told["played"] = {
            "fidelity": played.fidelity,
            "llm_calls": played.llm_calls,
            "asked": played.asked,
            "told": f"{self.name}: {played.fidelity}, {played.coverage}",
        }
        if summary.verdict == "fail":
            raise Divergence(summary.headline, pytrace=False)

    def repr_failure(
        self, excinfo: ExceptionInfo[BaseException], style: Any = None
    ) -> str | TerminalRepr:
        if self.summary and isinstance(excinfo.value, Divergence):
            return AsText(self.summary, self.config.get_verbosity())
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name
