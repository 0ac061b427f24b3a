"""When the steps of a recording happened: kept beside the goldens, on this machine only.

A recording repeated must give the same file, so times live in `.opswald/timings/` under the
rootdir. Losing them loses nothing but times: reading and writing them never fails.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.trace import Trace

from .sidecars import prepare, sidecar

_KIND = "timings"


def save(root: Path, path: Path, trace: Trace) -> None:
    """Remember start (UTC) and duration in milliseconds of every step of the golden at `path`."""
    rows = [
        [step.timestamp.isoformat() if step.timestamp else None, step.duration_ms]
        for step in trace.steps
    ]
    lines = ",\n ".join(json.dumps(row) for row in rows)
    with suppress(OSError):
        file = sidecar(root, _KIND, path)
        prepare(root, file)
        file.write_text(f"[{lines}]\n", encoding="utf-8")


def timed(golden: Golden, root: Path, path: Path) -> Golden:
    """The golden with the times of its recording, when they are known for just these steps."""
    steps = golden.trace.steps
    times = _times(sidecar(root, _KIND, path))
    if len(times) != len(steps):
        return golden
    told = [step.model_copy(update=time) for step, time in zip(steps, times, strict=True)]
    return golden.model_copy(update={"trace": Trace(steps=tuple(told))})


def _times(file: Path) -> Sequence[dict[str, Any]]:
    """Fields by step; none when the file is missing or no longer makes sense."""
    try:
        rows = json.loads(file.read_bytes())
        return [
            {
                "timestamp": datetime.fromisoformat(start) if start else None,
                "duration_ms": None if duration is None else float(duration),
            }
            for start, duration in rows
        ]
    except (OSError, ValueError, TypeError, RecursionError):
        return ()
