"""What the page on the server shows is what happens."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from pytest_opswald.server.webhooks.signing import signed
from tests.docs.markdown import Block, blocks, commands
from tests.docs.project import ROOT

PAGE = ROOT / "docs" / "server.md"


def _block(language: str) -> Block:
    [found] = [block for block in blocks(PAGE) if block.language == language]
    return found


def test_the_commands_print_what_the_page_says(tmp_path: Path) -> None:
    """But for what differs every time."""
    for command in commands(_block("console")):
        program, *arguments = command.line.split()
        ran = subprocess.run(
            [Path(sys.executable).with_name(program), *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        [told] = command.prints
        assert re.fullmatch(re.escape(told).replace("…", ".*"), ran.stdout.strip())


def test_the_receiver_verifies_what_the_server_signs(tmp_path: Path) -> None:
    """And nothing else."""
    file = tmp_path / "receiver.py"
    file.write_text(_block("python").text, encoding="utf-8")
    receive = runpy.run_path(str(file))["receive"]
    body = b'{"event": "trace.completed", "data": {"trace_id": "trace_1"}}'
    headers = signed("msg_1", body, at=datetime.now(UTC), with_secrets=["your-webhook-secret"])

    assert receive(body, headers) == "trace.completed: trace_1"
    with pytest.raises(WebhookVerificationError):
        receive(body + b" ", headers)


def test_the_options_are_those_of_the_command() -> None:
    """The page names all of them, and no other."""
    ran = subprocess.run(
        [Path(sys.executable).with_name("pytest-opswald"), "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    told = set(re.findall(r"^ +(--[a-z-]+)", ran.stdout, re.MULTILINE))
    table = PAGE.read_text(encoding="utf-8").split("## Keys")[0]

    assert set(re.findall(r"`(--[a-z-]+)`", table)) == told
