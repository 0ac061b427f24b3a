"""Run an example's tests with the bundled provider in place of a real one.

    python examples/run.py quickstart --opswald-record=all
    python examples/run.py model_swap --opswald-replay --opswald-model gpt-5-mini

What follows the example's name goes to pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from local_provider import Provider
from models import MODELS

EXAMPLES = Path(__file__).parent


def run(name: str, *arguments: str) -> int:
    """Exit status of pytest in the example's folder."""
    with Provider(MODELS[name]) as provider:
        pytest = [sys.executable, "-m", "pytest", *arguments]
        environment = os.environ | provider.variables
        return subprocess.run(pytest, cwd=EXAMPLES / name, env=environment, check=False).returncode


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in MODELS:
        sys.exit(run(*sys.argv[1:]))
    sys.exit(f"{__doc__}\nExamples: {', '.join(MODELS)}")
