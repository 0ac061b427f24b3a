"""What tests tell about their replays, as plain JSON, on its way from the workers of xdist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pytest_opswald.redaction.session import Secrets
from pytest_opswald.report.summary import Summary
from pytest_opswald.trace.replay_spec import Changes

from .items import name_of
from .results import result_of

_LONGEST_PROMPT = 40_000
"""Characters: a server takes so many of any kind; of a longer one they are enough to know it by."""
Status = Literal["passed", "failed", "error", "timeout"]


@dataclass(frozen=True, slots=True)
class Told:
    """One test that has ended."""

    name: str
    """Of its golden test."""
    golden: str
    """Path of its golden, if there is one."""
    result: Mapping[str, Any] | None = None
    """A ResultBody without the id; None for a recording."""
    changed: Mapping[str, Any] | None = None
    """Modifications it was replayed with."""

    @classmethod
    def of(
        cls,
        test: str,
        golden: Path,
        *,
        status: Status,
        seconds: float,
        problem: tuple[str, str] | None = None,
        summary: Summary | None = None,
        changes: Changes | None = None,
        secrets: Secrets,
    ) -> Self:
        """`problem` is the type and the message of what the test raised."""
        result: dict[str, Any] = result_of(summary) if summary else {}
        result |= {"status": status, "duration_ms": round(seconds * 1000)}
        if problem:
            result["error"] = {"type": problem[0], "message": problem[1]}
        return cls(
            name=name_of(summary.test if summary else test),
            golden=str(golden),
            result=secrets.fresh().value(result),
            changed=_modifications(changes or Changes()),
        )

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def _modifications(changes: Changes) -> dict[str, Any]:
    told = changes.model_dump(exclude_none=True, exclude={"model_map"})
    if "system_prompt" in told:
        told["system_prompt"] = told["system_prompt"][:_LONGEST_PROMPT]
    return told | ({"model": dict(changes.model_map)} if changes.model_map else {})
