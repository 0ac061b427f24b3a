"""API keys: only their SHA-256 is kept."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, select

from pytest_opswald.server.database import units
from pytest_opswald.server.database.tables import api_keys
from pytest_opswald.server.storage import projects

from .principal import EVERYTHING, Principal


def digest(key: str) -> bytes:
    """What is kept of a key; 256 random bits need no slow hash."""
    return sha256(key.encode()).digest()


def principal_of(connection: Connection, key: str) -> Principal | None:
    """Whom a key stands for; None when it is unknown, revoked or expired."""
    found = connection.execute(
        select(api_keys).where(api_keys.c.hash == digest(key), api_keys.c.revoked_at.is_(None))
    ).one_or_none()
    if found is None or (found.expires_at is not None and found.expires_at <= units.now()):
        return None
    scopes = frozenset(scope for scope in EVERYTHING if scope in found.scopes.split())
    return Principal(projects.numbered(connection, found.project_id), scopes, found.id)
