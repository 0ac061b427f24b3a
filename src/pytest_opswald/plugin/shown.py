"""What pytest shows beside its reports: warnings, and logs as they are written.

Both are masked while a test has a run, in the process that runs it: workers send none on.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack
from warnings import WarningMessage

import pytest

from pytest_opswald.redaction.session import Secrets

from .masking import masked

_NAME = "opswald-shown"


def mask_beside(item: pytest.Item, secrets: Secrets) -> None:
    """Mask what is shown of this test from now on, until it has ended."""
    manager = item.config.pluginmanager
    if not manager.has_plugin(_NAME):
        manager.register(Shown(), _NAME)
    shown = manager.get_plugin(_NAME)
    assert isinstance(shown, Shown)
    shown.begin(item, secrets)


class Shown:
    """Masks for the last test that had a run."""

    def __init__(self) -> None:
        self._test: str | None = None
        self._secrets = Secrets()
        self._undo = ExitStack()

    def begin(self, item: pytest.Item, secrets: Secrets) -> None:
        self._undo.close()
        self._test, self._secrets = item.nodeid, secrets
        for handler in _log_handlers(item.config):
            self._undo.callback(handler.setFormatter, handler.formatter)
            handler.setFormatter(_Masked(handler.formatter or logging.Formatter(), secrets))

    def pytest_runtest_logfinish(self) -> None:
        self._undo.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: WarningMessage, nodeid: str) -> None:
        """Tests tell their warnings when all else of them is over."""
        said = str(warning_message.message)
        if nodeid == self._test and (clean := masked(said, self._secrets)) != said:
            warning_message.message = UserWarning(clean)  # its category is told beside it


class _Masked(logging.Formatter):
    def __init__(self, formatter: logging.Formatter, secrets: Secrets) -> None:
        super().__init__()
        self._formatter = formatter
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return masked(self._formatter.format(record), self._secrets)


def _log_handlers(config: pytest.Config) -> Iterator[logging.Handler]:
    """Of `log_cli` and `log_file`, those that write anything: what is captured goes into reports."""
    logs = config.pluginmanager.get_plugin("logging-plugin")
    for name in ("log_cli_handler", "log_file_handler"):
        handler = getattr(logs, name, None)
        stream = getattr(handler, "stream", None)
        is_nowhere = stream is None or getattr(stream, "name", "") == os.devnull
        if isinstance(handler, logging.Handler) and not is_nowhere:
            yield handler
