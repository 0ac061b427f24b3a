"""What became of an outbox, in words."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_opswald.report.amounts import counted

from .draining import Drained


def lines_of(drained: Drained, base_url: str) -> Iterator[str]:
    """One line for each thing worth knowing."""
    if drained.sent:
        yield f"{counted(drained.sent, 'item')} sent to {base_url}"
    yield from drained.urls
    for grave in drained.dead:
        yield f"refused for good, the reason is in {grave}"
    for note in drained.notes:
        yield f"not sent: {note.splitlines()[0]}"
    if drained.waiting:
        yield (
            f"{counted(drained.waiting, 'item')} not sent: {drained.problem.splitlines()[0]}; "
            "send with: pytest-opswald sync"
        )
    elif not (drained.sent or drained.dead or drained.notes):
        yield f"{base_url} has everything"
