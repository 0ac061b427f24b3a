"""What a comparison costs when there is nothing to tell."""

from __future__ import annotations

import subprocess
import sys

import pytest

EQUAL_RUNS = """
import sys
from tests.diff.traces import call, difference, llm, response, trace
run = trace(llm("hi", answer="ok"), call("t", a=1), response("ok"))
assert not difference(run, run.model_copy(deep=True)).changed
assert "deepdiff" not in sys.modules
"""


def test_equal_runs_do_not_import_deepdiff(pytestconfig: pytest.Config) -> None:
    """Only a run that differs pays for it."""
    done = subprocess.run(
        [sys.executable, "-c", EQUAL_RUNS],
        cwd=pytestconfig.rootpath,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
