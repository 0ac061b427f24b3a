"""The main job in three steps, offline: record an agent, replay it, try another model.

Run it with `make demo`. The bundled provider speaks OpenAI's wire format on this machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from local_provider import Provider
from models import MODELS
from run import EXAMPLES

SMALLER = "gpt-5-mini"


def main() -> None:
    with TemporaryDirectory(prefix="opswald-demo-") as folder:
        project = Path(folder)
        for source in ("agent.py", "test_refund.py", "pytest.ini"):
            shutil.copy(EXAMPLES / "quickstart" / source, project)
        record(project)
        replay(project)
        swap(project)


def record(project: Path) -> None:
    with Provider(MODELS["quickstart"]) as provider:
        run = pytest(project, provider.variables, "--opswald-record")
    promise(run.passed and len(provider.requests) == 3, "the agent passes on 3 LLM calls", run)
    [golden] = project.glob("goldens/*.json")
    tell(
        "1 record",
        run,
        f"{len(provider.requests)} LLM calls are now {golden.relative_to(project)}.",
    )


def replay(project: Path) -> None:
    with Provider(MODELS["quickstart"]) as provider:
        pass  # stopped: nothing listens at its address any more
    run = pytest(project, {"OPENAI_BASE_URL": f"{provider.url}/v1"}, "--opswald-replay")

    promise(run.passed and provider.connections == 0, "the replay passes without a provider", run)
    tell("2 replay", run, "The provider is stopped, the keys are gone: the golden answered.")


def swap(project: Path) -> None:
    with Provider(MODELS["quickstart"]) as provider:
        there = provider.variables
        run = pytest(project, there, "--opswald-replay", "--opswald-model", SMALLER)
    asked = {ask.model for ask in provider.requests}

    promise(run.failed and asked == {SMALLER}, "the smaller model is asked and found out", run)
    promise("refund" in run.output, "the report names the tool that was not called", run)
    tell(
        "3 swap",
        run,
        f"{SMALLER} answered {len(provider.requests)} calls live, its tools came from the golden,"
        " and the test is red: it promised a refund it never made.",
    )


@dataclass(frozen=True)
class Run:
    command: str
    status: int
    output: str
    errors: str

    @property
    def passed(self) -> bool:
        return self.status == 0

    @property
    def failed(self) -> bool:
        return self.status == 1


def pytest(project: Path, variables: dict[str, str], *options: str) -> Run:
    """Run the project's tests; real keys stay out of it."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--color=yes", *options],
        cwd=project,
        env=_environment() | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(" ".join(["pytest", *options]), done.returncode, done.stdout, done.stderr)


def _environment() -> dict[str, str]:
    """Ours, without what would change the demo: CI, pytest's and our own settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"CI$|PYTEST_|OPSWALD_|OPENAI_|ANTHROPIC_", name)
    }


def tell(step: str, run: Run, sentence: str) -> None:
    print(f"\n\033[1m{step}\033[0m  $ {run.command}\n")
    print("\n".join(f"    {line}" for line in _worth_reading(run.output)))
    print(f"\n    \033[1m=>\033[0m {sentence}")


def _worth_reading(output: str) -> Sequence[str]:
    """The report without pytest's header."""
    lines = output.strip().splitlines()
    start = next((i for i, line in enumerate(lines) if "test_refund.py" in line), 0)
    return lines[start:]


def promise(kept: bool, what: str, run: Run) -> None:
    """Stop the demo, with the whole output, when it is not as promised."""
    if not kept:
        sys.exit(f"The demo promised that {what}.\n$ {run.command}\n{run.output}{run.errors}")


if __name__ == "__main__":
    main()
