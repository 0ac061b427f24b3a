"""One request of the API, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pytest_opswald.api import base

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Document = TypeVar("Document", bound=base.Answer)


@dataclass(frozen=True, slots=True)
class Call(Generic[Document]):
    """What to send, and which document answers it."""

    method: Method
    path: str
    """Below the base URL, quoted: `/traces/trace_1`."""
    answer: type[Document]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """JSON."""
    idempotency_key: str | None = None
    """The same for the same effect: a server that has done it does not do it again."""
    ids: Mapping[str, Any] = field(default_factory=dict)
    """Those in the path, by name."""

    @property
    def is_repeatable(self) -> bool:
        """Whether it does no harm to send it again when nobody knows what became of it."""
        return self.method in {"GET", "DELETE"} or self.idempotency_key is not None
