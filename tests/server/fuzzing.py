"""Requests that nobody thought of, made of the API's description, against a real server.

`make fuzz` runs it for a minute or two, on PostgreSQL too where there is one; a test runs a little
of it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from pytest_opswald.server.settings import ServerSettings
from tests.server.conftest import POSTGRES, new_postgres, serving

LEAST_CASES = 10_000
_CONFIGURATION = Path(__file__).with_name("fuzz.toml")
_DATABASES = ("sqlite", "sqlite", "postgresql" if POSTGRES else "sqlite")
"""Of one process each: Python 3.11 cannot parse in two threads at once, which hypothesis does.

Two of them share a server, for what only happens when many ask.
"""
_PER_OPERATION = 55
"""Made up at random; what lies on the edge of the description comes beside it."""


def fuzzed(*options: str) -> tuple[int, str]:
    """The exit code of schemathesis, and what it says."""
    with _server() as (url, folder), _started(url, folder, options) as running:
        said, _ = running.communicate()
    return running.returncode, said


def main() -> int:
    """0 when enough was asked and every answer was as documented."""
    options = [f"--max-examples={_PER_OPERATION}"]
    with ExitStack() as running:
        servers = {db: running.enter_context(_server(db)) for db in dict.fromkeys(_DATABASES)}
        every = [_started(*servers[db], options) for db in _DATABASES]
        said = "".join(process.communicate()[0] for process in every)
    cases = sum(map(int, re.findall(r"(\d+) generated", said)))
    failed = any(process.returncode for process in every) or cases < LEAST_CASES
    sys.stdout.write(f"{said if failed else ''}{cases} cases, of which {LEAST_CASES} are wanted\n")
    return int(failed)


@contextmanager
def _server(database: str = "sqlite") -> Iterator[tuple[str, str]]:
    """Its URL, and a folder for whatever is written."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if database == "postgresql":
            db = stack.enter_context(new_postgres())
        else:
            db = f"sqlite:///{folder}/opswald.db"
        url = stack.enter_context(serving(ServerSettings(db=db)))
        httpx.get(f"{url}/openapi.json", timeout=60)  # tables are not made for two at once
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
