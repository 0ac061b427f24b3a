"""What a project's configuration calls a secret: in sessions, and for commands, which have none."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.config.findpaths import locate_config

if TYPE_CHECKING:
    from pytest_opswald.redaction.rules import Rules


def rules_of(config: pytest.Config) -> Rules:
    """What counts as a secret in a session. Raises InvalidSetting."""
    return _rules(config.getini, config.rootpath)


def rules_for(folder: Path) -> Rules:
    """What would count as a secret in a session on `folder`, without starting one.

    The ini file is the one that pytest takes; where there is none, that of the working directory.
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
    return _rules(lambda name: _listed(name, said.get(name, [])), here, root or here)


def _rules(ini: Callable[[str], Sequence[str]], *with_env_files: Path) -> Rules:
    from pytest_opswald.redaction.rules import rules
    from pytest_opswald.store.env_files import secrets_of

    return rules(
        redact=ini("opswald_redact"),
        patterns=ini("opswald_redact_patterns"),
        disable=ini("opswald_redact_disable"),
        known={value: kind for root in with_env_files for value, kind in secrets_of(root).items()},
    )


def _listed(name: str, value: object) -> list[str]:
    """As pytest takes it apart: a pattern is a line, an id a word."""
    if isinstance(value, list):
        return list(map(str, value))
    if name == "opswald_redact_patterns":
        return [line.strip() for line in str(value).splitlines() if line.strip()]
    return shlex.split(str(value))
