"""What every test may ask for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import partial

import pytest

from local_provider import Provider
from local_provider.support import support_agent
from tests.forks import Forks, forks
from tests.language import WITHOUT_THEM, Project
from tests.providers import point_at


def pytest_collection_finish() -> None:
    """What was collected stays to the end: no look for garbage has to pass over it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """An empty project with a provider at hand; see `tests.language`."""
    for variable in (
        "CI",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
        "PYTEST_ADDOPTS",
        "PYTHONDONTWRITEBYTECODE",  # a project's processes start faster with compiled modules
    ):
        monkeypatch.delenv(variable, raising=False)
    empty = Project(pytester, monkeypatch)
    yield empty
    empty.stop_provider()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The support agent's model, where the environment says."""
    with Provider(support_agent) as running:
        point_at(running, monkeypatch)
        yield running


@pytest.fixture(scope="session")
def origins() -> Iterator[Forks]:
    """Forks sessions of pytest that need not start anew."""
    with forks(WITHOUT_THEM) as forked:
        yield forked


@pytest.fixture
def forked(project: Project, origins: Forks) -> None:
    """Runs of the project are forked: it does not matter how the plugin is loaded."""
    project.start = partial(origins.run, project.path)
