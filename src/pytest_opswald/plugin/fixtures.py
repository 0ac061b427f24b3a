"""The `opswald` fixture: this test has a golden trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .story import Story


@pytest.fixture
def opswald(request: pytest.FixtureRequest) -> Iterator[Story]:
    """Record or replay this test's agent run against its golden trace."""
    from .hooks import begun

    with begun(request.node) as run:
        yield run.story


@pytest.fixture
def opswald_snapshot(snapshot: Any) -> Any:
    """Syrupy's snapshot, one readable text file each: for `opswald.trajectory` and `.outcome`."""
    from .snapshots import TraceSnapshotExtension

    return snapshot.use_extension(TraceSnapshotExtension)
