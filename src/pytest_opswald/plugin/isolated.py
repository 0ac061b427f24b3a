"""`--opswald-isolate`: the same pytest again, where there is no network."""

from __future__ import annotations

import os
import sys

import pytest

from pytest_opswald.capture.guard import isolation


def isolate(config: pytest.Config) -> None:
    """Become an isolated process, unless this is one. Raises pytest.UsageError."""
    if sys.platform != "linux":
        raise pytest.UsageError(
            "--opswald-isolate needs Linux; elsewhere run the tests in a container without "
            "network: docker run --network none ..."
        )
    if isolation.is_isolated():
        return
    if capture := config.pluginmanager.getplugin("capturemanager"):
        capture.suspend_global_capture(in_=True)  # else the new process would write into it
    sys.stdout.flush()
    sys.stderr.flush()
    python = sys.executable
    os.execv(python, [python, "-I", isolation.__file__, python, *_arguments(config)])


def _arguments(config: pytest.Config) -> list[str]:
    """What the interpreter was started with to run this pytest."""
    given = [str(arg) for arg in config.invocation_params.args]
    if sys.orig_argv[len(sys.orig_argv) - len(given) :] != given:
        raise pytest.UsageError(
            "--opswald-isolate starts pytest anew and needs its command line: "
            "run pytest itself instead of calling pytest.main()"
        )
    return sys.orig_argv[1:]
