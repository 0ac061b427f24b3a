"""A run that waits on the server for somebody who has the agent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_opswald.api.golden_tests import Run
from pytest_opswald.client.clients import OpsClient
from pytest_opswald.errors import InvalidSetting


@dataclass(frozen=True, slots=True)
class AskedRun:
    """What a runner is asked to do; plain values, for workers of xdist."""

    run_id: str = ""
    """Empty when nobody asks."""
    tests: Mapping[str, str] = field(default_factory=dict)
    """Ids by name of the golden tests."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Values of `--opswald-...` options, by name without prefix, as a command line has them."""
    timeout: float | None = None
    """Seconds for one test."""


def asked_run(run_id: str) -> AskedRun:
    """Ask the server. Raises ApiError, NoAnswer, and InvalidSetting when it is not for a runner."""
    with OpsClient() as client:
        run = client.golden_tests.get_run(run_id)
    if run.executor != "runner" or run.status != "running":
        raise InvalidSetting(
            f"run {run_id} waits for no runner: it is {run.status}, by the {run.executor}"
        )
    return AskedRun(
        run_id=run_id,
        tests={result.name: result.test_id for result in run.results or ()},
        options=_options(run),
        timeout=run.modifications.get("timeout"),
    )


def _options(run: Run) -> dict[str, Any]:
    told = {key: value for key, value in run.modifications.items() if value is not None}
    told.pop("timeout", None)
    prompt = told.pop("system_prompt", None) or told.pop("prompt", None)
    if prompt is not None and prompt.startswith("@"):
        # On a command line that would read a file of this machine, for a server to see.
        raise InvalidSetting(f"run {run.run_id}: a prompt that begins with @ cannot be asked for")
    if isinstance(told.get("model"), dict):
        told["model"] = [f"{old}={new}" for old, new in told["model"].items()]
    elif "model" in told:
        told["model"] = [told["model"]]
    return told | {"replay": True} | ({"prompt": prompt} if prompt is not None else {})
