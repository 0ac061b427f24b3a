"""A trace from a server as a golden on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_opswald.client.clients import OpsClient
from pytest_opswald.diff.compare import compare
from pytest_opswald.engine.redacting import without_secrets
from pytest_opswald.errors import GoldenError
from pytest_opswald.interop.receiving import from_api
from pytest_opswald.redaction.documents import Redacted, redacted_golden
from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.rules import Rules
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.store import files
from pytest_opswald.trace.golden import Golden, suggested_outcome


def pull(client: OpsClient, trace_id: str, path: Path, rules: Rules | None = None) -> bool:
    """Write the trace as the golden at `path`; whether it was not there already.

    It expects that runs end as the trace did. Raises ApiError, NoAnswer, NotReplayable when the
    trace does not say enough, GoldenError when something else is at `path`.
    """
    golden, redactor = _golden(client, trace_id, path, rules)

    def made(old: Golden | None) -> Redacted | None:
        if old and compare(old, golden.trace, profile="exact").changed:
            raise GoldenError(
                path, "another golden is there", remedy="Remove it, or give another path."
            )
        return None if old else golden

    return files.update(path, made, redactor.detector)


def _golden(
    client: OpsClient, trace_id: str, path: Path, rules: Rules | None
) -> tuple[Redacted, Redactor]:
    told = client.traces.get(trace_id)
    secrets = Secrets(rules, lambda: dict(os.environ))
    trace, redactor = without_secrets(from_api(told.steps), secrets, secrets.fresh())
    golden = Golden(
        name=path.stem,
        test=path.as_posix(),
        tags=tuple(tag for tag in told.tags if tag != "golden"),
        expected_outcome=suggested_outcome(trace),
        trace=trace,
    )
    return redacted_golden(golden, redactor), redactor
