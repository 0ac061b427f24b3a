"""Runs of projects are forked here: what is shown is what the plugin does, not how it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.forks import Forks, forks
from tests.language import WITHOUT_THEM, Project


@pytest.fixture(scope="session")
def origins() -> Iterator[Forks]:
    with forks(WITHOUT_THEM) as forked:
        yield forked


@pytest.fixture
def project(project: Project, pytester: pytest.Pytester, origins: Forks) -> Project:
    """An empty project, see `tests.language`, whose processes are forked."""
    project.start = partial(origins.run, pytester)
    return project
