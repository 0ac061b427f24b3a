"""Runs of projects are forked here: what is shown is what the plugin does, not how it is loaded."""

from __future__ import annotations

from functools import partial

import pytest

from tests.forks import Forks
from tests.language import Project


@pytest.fixture
def project(project: Project, origins: Forks) -> Project:
    """An empty project, see `tests.language`, whose processes are forked."""
    project.start = partial(origins.run, project.path)
    return project
