"""Golden files as items to send."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from pytest_opswald.api.base import MOST_TAGS
from pytest_opswald.api.golden_tests import GoldenTestBody
from pytest_opswald.api.problems import field_of
from pytest_opswald.engine.redacting import without_secrets
from pytest_opswald.errors import GoldenError
from pytest_opswald.interop.sending import to_api
from pytest_opswald.redaction.documents import redacted_golden
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden

from .items import GoldenItem, name_of


def trace_id_of(path: Path) -> str:
    """The id of the trace that the golden at a path becomes: equal content, equal id.

    Raises OSError.
    """
    return f"trace_{sha256(path.read_bytes()).hexdigest()[:32]}"


def item_of(path: Path, *, root: Path, rules: Rules | None = None) -> GoldenItem:
    """The golden as it leaves this machine, looked through for secrets once more.

    Raises GoldenError, also for one that no server takes, and OSError.
    """
    golden = _clean(files.load(path, timings=root), rules)
    try:
        return _item(golden, path)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False)[0]
        place = field_of(first["loc"])
        problem = f"too much for a server: {place}: {first['msg'].removeprefix('Value error, ')}"
        raise GoldenError(path, problem, remedy=f"Say less in {place}.") from None


def _item(golden: Golden, path: Path) -> GoldenItem:
    trace_id = trace_id_of(path)
    times = [step.timestamp for step in golden.trace.steps if step.timestamp]
    name = name_of(golden.test)
    return GoldenItem(
        trace=to_api(
            golden.trace,
            started_at=min(times, default=_written_at(path)),
            trace_id=trace_id,
            session_id=f"session_{sha256(name.encode()).hexdigest()[:32]}",
            name=golden.name,
            tags=(*golden.tags, "golden")[:MOST_TAGS],
            metadata={"test": golden.test, "golden": path.name},
        ),
        test=GoldenTestBody(
            trace_id=trace_id,
            name=name,
            tags=golden.tags,
            expected_outcome=golden.expected_outcome.model_dump(mode="json", exclude_unset=True),
        ),
    )


def _written_at(path: Path) -> datetime:
    """Stands for the time of a recording nobody knows: the same as long as the file is."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _clean(golden: Golden, rules: Rules | None) -> Golden:
    secrets = Secrets(rules, lambda: dict(os.environ))
    trace, redactor = without_secrets(golden.trace, secrets, secrets.fresh())
    return redacted_golden(golden.model_copy(update={"trace": trace}), redactor)
