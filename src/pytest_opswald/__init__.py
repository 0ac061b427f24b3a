"""Golden-trace regression testing for LLM agents.

Names load on first use: production code that declares a tool pays for nothing else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .capture.notes import decision, guardrail, handoff, respond, state, step
    from .capture.tools import tool
    from .capture.watching import watch
    from .client.clients import AsyncOpsClient, OpsClient
    from .errors import (
        ApiError,
        AuthenticationError,
        AuthorizationError,
        GoldenConflict,
        GoldenCorrupt,
        GoldenError,
        GoldenLeaks,
        GoldenMissing,
        GoldenTooNew,
        InvalidSetting,
        LeakedCall,
        NoAnswer,
        NoRecordedAnswer,
        NotFound,
        NothingRecorded,
        NotLinear,
        NotReplayable,
        OpswaldError,
        RateLimitExceeded,
        RefusedConnection,
        ServerError,
        UnusableRule,
        ValidationError,
    )
    from .runs import record, replay
    from .trace.golden import Golden
    from .trace.outcome import ExpectedOutcome
    from .trace.replay_spec import Changes, ReplaySpec
    from .trace.trace import Trace

    __version__: str

__all__ = [
    "ApiError",
    "AsyncOpsClient",
    "AuthenticationError",
    "AuthorizationError",
    "Changes",
    "ExpectedOutcome",
    "Golden",
    "GoldenConflict",
    "GoldenCorrupt",
    "GoldenError",
    "GoldenLeaks",
    "GoldenMissing",
    "GoldenTooNew",
    "InvalidSetting",
    "LeakedCall",
    "NoAnswer",
    "NoRecordedAnswer",
    "NotFound",
    "NotLinear",
    "NotReplayable",
    "NothingRecorded",
    "OpsClient",
    "OpswaldError",
    "RateLimitExceeded",
    "RefusedConnection",
    "ReplaySpec",
    "ServerError",
    "Trace",
    "UnusableRule",
    "ValidationError",
    "__version__",
    "decision",
    "guardrail",
    "handoff",
    "record",
    "replay",
    "respond",
    "state",
    "step",
    "tool",
    "watch",
]

_HOMES = {
    "capture.notes": ("decision", "guardrail", "handoff", "respond", "state", "step"),
    "capture.tools": ("tool",),
    "capture.watching": ("watch",),
    "client.clients": ("AsyncOpsClient", "OpsClient"),
    "errors": (
        "ApiError",
        "AuthenticationError",
        "AuthorizationError",
        "GoldenConflict",
        "GoldenCorrupt",
        "GoldenError",
        "GoldenLeaks",
        "GoldenMissing",
        "GoldenTooNew",
        "InvalidSetting",
        "LeakedCall",
        "NoAnswer",
        "NoRecordedAnswer",
        "NotFound",
        "NotLinear",
        "NotReplayable",
        "NothingRecorded",
        "OpswaldError",
        "RateLimitExceeded",
        "RefusedConnection",
        "UnusableRule",
        "ServerError",
        "ValidationError",
    ),
    "runs": ("record", "replay"),
    "trace.golden": ("Golden",),
    "trace.outcome": ("ExpectedOutcome",),
    "trace.replay_spec": ("Changes", "ReplaySpec"),
    "trace.trace": ("Trace",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:  # or every misspelt name would have a type

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            value: Any = import_module("importlib.metadata").version("pytest-opswald")
        elif home := _HOME_OF.get(name):
            value = getattr(import_module(f"{__name__}.{home}"), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
