"""Runs of projects are forked here: what is shown is what the plugin does, not how it is loaded."""

from __future__ import annotations

from functools import partial

import pytest

from tests.agents import REFUND_AGENT, REFUND_TEST, refund_model
from tests.forks import Forks
from tests.language import Project


@pytest.fixture
def project(project: Project, origins: Forks) -> Project:
    """An empty project, see `tests.language`, whose processes are forked."""
    project.start = partial(origins.run, project.path)
    return project


@pytest.fixture
def recorded(project: Project) -> Project:
    """The refund agent with its golden, and a provider that is still there."""
    return project.recorded(agent=REFUND_AGENT, test=REFUND_TEST, script=refund_model)
