"""What a project's configuration calls a secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .ini_file import Ini, ini_for, ini_of

if TYPE_CHECKING:
    from pytest_opswald.redaction.rules import Rules


def rules_of(config: pytest.Config) -> Rules:
    """What counts as a secret in a session. Raises InvalidSetting."""
    return rules_in(ini_of(config))


def rules_for(folder: Path) -> Rules:
    """What would count as a secret in a session on `folder`. Raises InvalidSetting."""
    return rules_in(ini_for(folder), Path.cwd())


def rules_in(ini: Ini, *others: Path) -> Rules:
    """With what `.env` files hold, beside the configuration and in `others`. Raises InvalidSetting."""
    from pytest_opswald.redaction.rules import rules
    from pytest_opswald.store.env_files import secrets_of

    folders = (*others, ini.folder)
    return rules(
        redact=ini.value("redact"),
        patterns=ini.value("redact_patterns"),
        disable=ini.value("redact_disable"),
        known={value: kind for folder in folders for value, kind in secrets_of(folder).items()},
    )
