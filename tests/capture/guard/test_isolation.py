"""A command becomes one that has no network, or the user reads why it cannot."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from pytest_opswald.capture.guard import isolation

INSIDE = """
import os, socket
from pytest_opswald.capture.guard.isolation import is_isolated
print(is_isolated(), os.getuid(), [name for _, name in socket.if_nameindex()])
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(server.getsockname()).close()
"""


def test_only_loopback_is_there() -> None:
    """It is up, and the user is who they were."""
    command = [sys.executable, "-I", isolation.__file__, sys.executable, "-c", INSIDE]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"True {os.getuid()} ['lo']"


def test_a_process_that_was_not_isolated_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it has inherited the variable of one that was."""
    assert not isolation.is_isolated()

    monkeypatch.setenv(isolation.VARIABLE, "1")

    assert not isolation.is_isolated()


def test_a_system_without_namespaces_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Why, and what else to do."""

    def unshare(flags: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(isolation, "_unshare", unshare)

    with pytest.raises(SystemExit) as exited:
        isolation.main(["true"])

    assert exited.value.code == pytest.ExitCode.USAGE_ERROR
    said = capsys.readouterr().err
    assert said.startswith("ERROR: --opswald-isolate: this system gives no network namespace")
    assert "(Operation not permitted)" in said
    assert "docker run --network none" in said
