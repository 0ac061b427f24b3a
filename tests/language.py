"""The language our end-to-end tests are written in.

    project(agent=REFUND_AGENT, test=REFUND_TEST, script=REFUND_SCRIPT)
    project.run("--opswald-record")
    run = project.run("--opswald-replay")
    assert run.outcomes == {"passed": 1}
    assert run.provider_calls == 0

Each run is a pytest process of its own; the provider lives in the test's process and speaks the
real wire formats. Tools of a project's agents call `ran(name)`, which is how they are counted;
agents whose SDK does not matter ask with `chat(model=..., messages=...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_provider import Provider, Script
from pytest_opswald.trace.golden import Golden
from tests.providers import point_at

RAN = '''
"""Counts the tools that are really executed."""
import pathlib

def ran(name):
    with (pathlib.Path(__file__).parent / "tools.log").open("a") as log:
        log.write(name + "\\n")
'''

CHAT = '''
"""Asks a model without an SDK: to import one takes longer than most runs here."""
import os
import httpx

def chat(**asked):
    """The message that `POST /chat/completions` answers with; raises what is no success."""
    url = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1") + "/chat/completions"
    key = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
    with httpx.Client(verify=False, timeout=60) as client:
        answer = client.post(url, json=asked, headers=key)
    return answer.raise_for_status().json()["choices"][0]["message"]
'''

UNCONCERNED = ("cacheprovider", "asyncio", "anyio", "hypothesispytest", "schemathesis")
"""Plugins of our own suite that a project's process can do without; they double its start."""
WITHOUT_THEM = tuple(f"-pno:{name}" for name in UNCONCERNED)

_recorded: dict[tuple[str, str], dict[str, bytes]] = {}
"""Goldens by agent and test: what many tests begin with is recorded once."""


@dataclass(frozen=True)
class Run:
    """One pytest process that has ended."""

    result: pytest.RunResult
    provider_calls: int
    """Requests that reached the provider."""
    tool_calls: int
    """Tools that were executed."""

    @property
    def outcomes(self) -> dict[str, int]:
        """`{"passed": 1}`, as pytest counts; empty when it refused to start."""
        try:
            return self.result.parseoutcomes()
        except ValueError:
            return {}

    @property
    def report(self) -> str:
        """Everything it printed."""
        return self.result.stdout.str() + self.result.stderr.str()


class Project:
    """A folder with an agent, its tests and a provider to talk to."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = pytester.path
        self.start: Callable[..., pytest.RunResult] = pytester.runpytest_subprocess
        """Runs pytest with options, in a process of its own."""
        self._monkeypatch = monkeypatch
        self._provider: Provider | None = None

    def __call__(
        self, files: dict[str, str] | None = None, *, script: Script | None = None, **modules: str
    ) -> Project:
        """Write files: by name, or modules as `agent=...` and the test as `test=...`."""
        named = {
            "test_it.py" if name == "test" else f"{name}.py": modules[name] for name in modules
        }
        # A pytest.ini of its own: what lies above the folder must not configure it.
        own = {"ran.py": RAN, "chat.py": CHAT, "pytest.ini": "[pytest]\n"}
        for name, text in {**own, **(files or {}), **named}.items():
            _write(self.path / name, text)
        if script is not None:
            self.talk(script)
        return self

    def recorded(self, *, agent: str, test: str, script: Script) -> Project:
        """The project with its goldens, and its provider at hand."""
        self(agent=agent, test=test, script=script)
        if (agent, test) not in _recorded:
            run = self.run("--opswald-record")
            assert set(run.outcomes) == {"passed"}, run.report
            _recorded[agent, test] = {path.name: path.read_bytes() for path in self.golden_paths}
            self.talk(script)
        folder = self.path / "goldens"
        folder.mkdir(exist_ok=True)
        for name, content in _recorded[agent, test].items():
            (folder / name).write_bytes(content)
        (self.path / "tools.log").unlink(missing_ok=True)
        return self

    def talk(self, script: Script, **options: Any) -> None:
        """Start the provider, in place of the one before."""
        self.stop_provider()
        self._provider = Provider(script, **options).__enter__()
        point_at(self._provider, self._monkeypatch)

    @property
    def provider(self) -> Provider:
        assert self._provider is not None
        return self._provider

    def stop_provider(self) -> None:
        """Nobody listens any more, and no key is set."""
        if self._provider:
            self._provider.__exit__(None, None, None)
            self._provider = None
        self._monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        self._monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    def run(self, *options: str) -> Run:
        asked, ran = self._asked(), self._ran()
        result = self.start(*WITHOUT_THEM, *options)
        return Run(result, self._asked() - asked, self._ran() - ran)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file, which must be there."""
        path = self.path / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        _write(path, text.replace(old, new))

    @property
    def golden_paths(self) -> list[Path]:
        return sorted(self.path.glob("**/goldens/*.json"))

    def golden(self, name: str = "") -> Golden:
        """The golden whose name contains this; the only one by default."""
        from pytest_opswald.store import files

        (path,) = (path for path in self.golden_paths if name in path.stem)
        return files.load(path)

    def _asked(self) -> int:
        return len(self._provider.requests) if self._provider else 0

    def _ran(self) -> int:
        log = self.path / "tools.log"
        return len(log.read_text().splitlines()) if log.exists() else 0


def _write(path: Path, text: str) -> None:
    """And forget what was compiled: Python takes a file of the same second and size for the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        compiled.unlink()
