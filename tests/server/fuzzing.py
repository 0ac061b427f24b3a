"""Requests that nobody thought of, made of the API's description, against a real server.

`make fuzz` runs it for some minutes; a test runs a little of it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pytest_opswald.server.settings import ServerSettings
from tests.server.conftest import serving

_CONFIGURATION = Path(__file__).with_name("fuzz.toml")
_PER_OPERATION = 400


def fuzzed(*options: str) -> subprocess.CompletedProcess[str]:
    """What schemathesis found; its output is kept."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(ServerSettings(db=f"sqlite:///{folder}/opswald.db")) as url,
    ):
        return subprocess.run(_command(url, options), cwd=folder, capture_output=True, text=True)


def _command(url: str, options: Sequence[str]) -> list[str]:
    schemathesis = [sys.executable, "-m", "schemathesis.cli", f"--config-file={_CONFIGURATION}"]
    described = [f"{url}/openapi.json", "--no-color", "--continue-on-failure"]
    return [*schemathesis, "run", *described, *options]


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the server.")
    parser.add_argument("--examples", type=int, default=_PER_OPERATION, help="for each operation")
    found = fuzzed("--workers=2", f"--max-examples={parser.parse_args().examples}")
    sys.stdout.write(found.stdout + found.stderr)
    return found.returncode


if __name__ == "__main__":
    sys.exit(main())
