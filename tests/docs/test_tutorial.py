"""The tutorial does what it says: server, recording, golden test, run, webhook."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_opswald.client.clients import OpsClient
from tests.docs.markdown import Block, Command, blocks, commands
from tests.docs.project import ROOT, Project

PAGE = ROOT / "docs" / "tutorial.md"
SERVER, RECEIVER = "127.0.0.1:8787", "127.0.0.1:8788"
IN_THE_BACKGROUND = ("pip ", "export ", "pytest-opswald serve", "python receiver.py")
"""What is installed, set or running while the test goes through the page."""

VERDICTS = ("1 passed, 0 failed", "0 passed, 1 failed")
"""Of the run that the server made and the one that pytest made."""


@contextmanager
def receiving(script: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The page's receiver, at an address of its own."""
    path = folder / "receiver.py"
    said_where = 'HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)'
    assert said_where in script
    telling = f"server = {said_where}\nprint(server.server_port, flush=True)\nserver"
    path.write_text(script.replace(said_where, telling), encoding="utf-8")
    command = [sys.executable, str(path), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}", process
        finally:
            process.kill()


def test_the_whole_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block, one after the other; in the end the receiver has been told."""
    pytest.importorskip("fastapi")
    from pytest_opswald.server.settings import ServerSettings
    from tests.server.conftest import serving

    page = list(blocks(PAGE))
    project = Project(tmp_path, "quickstart")
    monkeypatch.delenv("OPSWALD_API_KEY", raising=False)
    script = next(block.text for block in page if block.title == "receiver.py")
    with (
        serving(ServerSettings(db=f"sqlite:///{tmp_path / 'opswald.db'}")) as url,
        receiving(script, tmp_path) as (receiver, process),
    ):
        project.variables["OPSWALD_BASE_URL"] = url
        monkeypatch.setenv("OPSWALD_BASE_URL", url)
        addresses = {SERVER: re.sub(r"^http://|/v1$", "", url), RECEIVER: receiver}
        names = _followed(page, project, addresses)
        assert process.stdout
        told = [process.stdout.readline().strip() for _ in VERDICTS]

    client = names["client"]
    assert isinstance(client, OpsClient)
    client.close()
    assert told == [f"golden_run.completed {verdict}" for verdict in VERDICTS]


def _followed(page: list[Block], project: Project, addresses: dict[str, str]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in page:
        text = _placed(block.text, addresses)
        if block.language == "python" and not block.title:
            exec(compile(text, str(block), "exec"), names)
        if block.language == "console":
            for command in commands(replace(block, text=text)):
                if not command.line.startswith(IN_THE_BACKGROUND):
                    project.prints(block, _named(command, names))
    return names


def _placed(text: str, addresses: dict[str, str]) -> str:
    for said, real in addresses.items():
        text = text.replace(said, real)
    return text


def _named(command: Command, names: dict[str, Any]) -> Command:
    """With the id of the run that the page has just made."""
    if "run_…" not in command.line:
        return command
    return replace(command, line=command.line.replace("run_…", names["run"].run_id))
