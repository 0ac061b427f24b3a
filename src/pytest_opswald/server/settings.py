"""How one server is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_opswald.exchange import is_loopback

Queue = Literal["own", "procrastinate"]
Plan = Literal["free", "pro", "teams", "enterprise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything the server is told from outside."""

    db: str = "sqlite:///opswald.db"
    """`sqlite:///file` or `postgresql://user@host/name`."""
    host: str = "127.0.0.1"
    """Address it listens on."""
    port: int = 8787
    public_url: str | None = None
    """Where users reach it, when that is not host and port."""
    plan: Plan = "enterprise"
    """Whose rate limits hold."""
    max_body_bytes: int = 10 * 2**20
    """Largest request body."""
    webhook_allow_private: bool = False
    """Whether webhooks may reach private networks."""

    replay_models: tuple[str, ...] = ()
    """Models that replays may ask, as `gpt-*`; any whose price is known when empty."""
    replay_usd: float = 5.0
    """What one replay, or one run of golden tests, may spend."""
    replay_usd_a_day: float = 50.0
    """What the replays of a project may spend in 24 hours."""
    replay_hands: int = 4
    """Replays at a time in this process; none leaves them to workers."""

    queue: Queue = "own"
    """Who hands replays out."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def is_open(self) -> bool:
        """Whether this machine needs no key: not where a proxy may be before the server."""
        return self.is_local and self.public_url is None

    @property
    def url(self) -> str:
        """What links in answers begin with, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")
