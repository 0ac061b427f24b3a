"""Who asks: the project a key opens, and what it may do there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pytest_opswald.server.storage.projects import Project

Scope = Literal["read", "write", "replay", "admin"]
EVERYTHING: frozenset[Scope] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever sent the request."""

    project: Project
    scopes: frozenset[Scope]
    key_id: str | None = None
    """None on this machine, where no key is needed."""

    @property
    def name(self) -> str:
        """As the audit log calls them."""
        return self.key_id or "this machine"
