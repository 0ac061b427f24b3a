"""Requests that nobody thought of, made of the API's description, against a real server.

`make fuzz` runs it for some minutes; a test runs a little of it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pytest_opswald.server.settings import ServerSettings
from tests.server.conftest import serving

LEAST_CASES = 10_000
_CONFIGURATION = Path(__file__).with_name("fuzz.toml")
_PROCESSES = 2
"""Not threads: Python 3.11 cannot parse in two of them at once, which hypothesis does."""
_PER_OPERATION = 80


def fuzzed(*options: str) -> tuple[int, str]:
    """The exit code of schemathesis, and what it says."""
    with _server() as (url, folder), _started(url, folder, options) as running:
        said, _ = running.communicate()
    return running.returncode, said


def main() -> int:
    """0 when enough was asked and every answer was as documented."""
    with _server() as (url, folder):
        options = [f"--max-examples={_PER_OPERATION}"]
        every = [_started(url, folder, options) for _ in range(_PROCESSES)]
        said = "".join(running.communicate()[0] for running in every)
    cases = sum(map(int, re.findall(r"(\d+) generated", said)))
    failed = max(running.returncode for running in every) or int(cases < LEAST_CASES)
    sys.stdout.write(f"{said if failed else ''}{cases} cases, of which {LEAST_CASES} are wanted\n")
    return failed


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    """Its URL, and a folder for whatever is written."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(ServerSettings(db=f"sqlite:///{folder}/opswald.db")) as url,
    ):
        yield url, folder


def _started(url: str, folder: str, options: Sequence[str]) -> subprocess.Popen[str]:
    schemathesis = [sys.executable, "-m", "schemathesis.cli", f"--config-file={_CONFIGURATION}"]
    asked = ["run", f"{url}/openapi.json", "--no-color", "--continue-on-failure", *options]
    return subprocess.Popen(
        [*schemathesis, *asked],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
