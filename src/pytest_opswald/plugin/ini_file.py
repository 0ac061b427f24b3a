"""What a project's configuration says: in sessions, and for commands, which have none."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from _pytest.config.findpaths import locate_config

if TYPE_CHECKING:
    from pytest_opswald.config import Source

KINDS: Mapping[str, Literal["args", "linelist"]] = {
    "goldens": "args",
    "tools": "args",
    "effects": "args",
    "allow_hosts": "args",
    "redact": "args",
    "redact_patterns": "linelist",
    "redact_disable": "args",
    "on_miss": "args",
}
"""How pytest takes values apart that are several."""


@dataclass(frozen=True, slots=True)
class Ini:
    """The values that pytest takes for a project."""

    value: Callable[[str], Any]
    """By name without prefix, as pytest takes it apart."""
    folder: Path
    """Where they stand; where there are none, that of the session or the command."""

    @property
    def source(self) -> Source:
        """What they say of how tests are recorded and replayed."""
        from pytest_opswald import config

        return config.ini({name: self.value(name) for name in config.INI}, self.folder)


def ini_of(config: pytest.Config) -> Ini:
    """Those of a session."""
    return Ini(lambda name: config.getini(f"opswald_{name}"), config.rootpath)


def ini_for(folder: Path) -> Ini:
    """Those that a session on `folder` would have, without starting one.

    They stand in the file that pytest takes; where there is none, in that of the working directory.
    Raises InvalidSetting.
    """
    from pytest_opswald.errors import InvalidSetting

    here = Path.cwd()
    try:
        # Behind these, later versions of pytest tell more.
        root, _file, found, *_ = locate_config(here, [folder.absolute(), here])
    except (pytest.UsageError, pytest.fail.Exception) as problem:
        raise InvalidSetting(str(problem)) from None
    said = {name: getattr(value, "value", value) for name, value in found.items()}
    return Ini(lambda name: _apart(name, said.get(f"opswald_{name}")), root or here)


def _apart(name: str, value: object) -> Any:
    kind = KINDS.get(name)
    if kind is None or isinstance(value, list):
        return value
    text = str(value or "")
    if kind == "linelist":
        return [line.strip() for line in text.splitlines() if line.strip()]
    return shlex.split(text)
