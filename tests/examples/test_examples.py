"""Every example replays offline from the goldens it is shipped with, and they are current."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_provider import Provider
from models import MODELS
from pytest_opswald.trace.volatile import normalise

ROOT = Path(__file__).parents[2]
TESTS = {
    "quickstart": 1,
    "anthropic_tools": 1,
    "model_swap": 1,
    "fork_from_step": 1,
    "github_actions": 2,
}
OURS = re.compile(r"CI$|PYTEST_|OPSWALD_|OPENAI_|ANTHROPIC_")


@pytest.fixture
def example(tmp_path):
    """Copies an example to where it may be written to."""

    def copied(name: str) -> Path:
        skip = shutil.ignore_patterns("__pycache__", ".*cache", ".opswald")
        return Path(shutil.copytree(ROOT / "examples" / name, tmp_path / name, ignore=skip))

    return copied


def test_every_example_is_tested():
    """An example that is added is replayed here too."""
    folders = {path.parent.name for path in (ROOT / "examples").glob("*/test_*.py")}

    assert folders == set(TESTS) == set(MODELS)


@pytest.mark.parametrize("name", TESTS)
def test_replays_offline(example, origins, name):
    """No key, no provider: the committed goldens answer."""
    with Provider(MODELS[name]) as stopped:
        pass
    nowhere = {key: url for key, url in stopped.variables.items() if key.endswith("_URL")}

    run = origins.run(example(name), "--opswald-replay", variables=neutral() | nowhere)

    assert run.ret == 0
    assert run.parseoutcomes() == {"passed": TESTS[name]}
    assert stopped.connections == 0


@pytest.mark.parametrize("name", TESTS)
def test_goldens_are_current(example, origins, name):
    """Recording again writes the committed goldens, but for uuids, times and ids that are new."""
    folder = example(name)
    for golden in folder.glob("goldens/*.json"):
        golden.unlink()

    with Provider(MODELS[name]) as provider:
        run = origins.run(folder, "--opswald-record", variables=neutral() | provider.variables)

    assert run.ret == 0
    assert goldens(folder) == goldens(ROOT / "examples" / name)


def test_model_swap_finds_the_regression(example, origins):
    """The smaller model pays without reading the policy: red, and the report names both tools."""
    with Provider(MODELS["model_swap"]) as provider:
        run = origins.run(
            example("model_swap"),
            "--opswald-replay",
            "--opswald-model=gpt-5-mini",
            variables=neutral() | provider.variables,
        )

    assert run.ret == 1
    assert "read_policy" in run.stdout.str()
    assert "refund" in run.stdout.str()


def test_fork_asks_the_provider_for_the_last_answer_only(example, origins):
    """Steps before the fork come from the golden; the new prompt goes out once."""
    prompt = "Answer in one sentence."

    with Provider(MODELS["fork_from_step"]) as provider:
        run = origins.run(
            example("fork_from_step"),
            "--opswald-replay",
            "--opswald-fork-from-step=10",
            f"--opswald-prompt={prompt}",
            variables=neutral() | provider.variables,
        )

    assert run.ret == 0
    assert [ask.system for ask in provider.requests] == [prompt]


def test_demo_keeps_its_promises():
    """`make demo` runs to its end and says what each step did."""
    demo = ROOT / "examples" / "demo.py"

    run = subprocess.run(
        [sys.executable, demo], capture_output=True, text=True, check=False, env=neutral()
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("=>") == 3


def neutral() -> dict[str, str]:
    """Our environment without keys and without what changes a run."""
    return {name: value for name, value in os.environ.items() if not OURS.match(name)}


def goldens(folder: Path) -> dict[str, Any]:
    texts = {path.name: path.read_text("utf-8") for path in folder.glob("goldens/*.json")}
    return {name: normalise(json.loads(text)) for name, text in texts.items()}
