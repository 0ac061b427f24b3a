"""What `pytest-opswald replay` says while goldens end, and when all have."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from pytest_opswald.report.amounts import counted, dollars
from pytest_opswald.report.untried import told as told_untried

from .batch import Batch
from .job import Done

_BAR = 24


def told(done: Done, *, as_json: bool, was_kept: bool) -> list[str]:
    """The report of one golden, or one JSON object."""
    if as_json:
        said = asdict(done)
        del said["report"]
        return [json.dumps(said, ensure_ascii=False)]
    kept = " · kept from the interrupted run" if was_kept else ""
    spent = f"{done.tokens:,} tokens, {_bill(done.usd, done.unpriced)}"
    divergence = f" · first divergence: {done.first_divergence}" if done.first_divergence else ""
    return [*done.report, f"  {done.fidelity}: {done.coverage}{divergence} · {spent}{kept}", ""]


def summed_up(ended: Sequence[Done], batch: Batch) -> Iterator[str]:
    """All of them in a line, and what was left out or changed nothing."""
    failed = sum(done.failed for done in ended)
    left = f", {len(batch.left_out)} left out by --max-cost" if batch.left_out else ""
    bill = _bill(batch.spent, sum(done.unpriced for done in ended))
    yield f"{len(ended)} replayed ({len(ended) - failed} passed, {failed} failed){left}, {bill}"
    yield from (f"  left out: {path}" for path in batch.left_out)
    untried = (done.untried for done in ended if done.untried)
    yield from (f"  {line}" for line in told_untried(untried))


def _bill(usd: float, unpriced: int) -> str:
    """`$0.0034 spent`, and what that is without."""
    spent = f"{dollars(usd)} spent"
    return f"{spent} besides {counted(unpriced, 'call')} of unknown price" if unpriced else spent


def draw_bar(ended: int, total: int, spent: float, path: Path) -> None:
    """How far it is, for whoever watches."""
    if sys.stderr.isatty():
        filled = _BAR * ended // max(total, 1)
        bar = "#" * filled + "." * (_BAR - filled)
        sys.stderr.write(f"\r[{bar}] {ended}/{total} {dollars(spent)} {path.stem[:40]}")
        sys.stderr.flush()


def clear_bar() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
