"""`fsck`, `backup` and `export`: a server's database without the server."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pytest_opswald.api.traces import TraceBody
from pytest_opswald.cli import main
from pytest_opswald.server.database.engine import opened
from pytest_opswald.server.database.schema import upgrade
from pytest_opswald.server.storage import projects, traces

MESSAGES = [{"role": "user", "content": "word " * 100}] * 3


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one trace in it."""
    file = tmp_path / "opswald.db"
    body = TraceBody.model_validate(
        {
            "id": "trace_mine",
            "started_at": "2026-03-17T14:15:32Z",
            "steps": [{"type": "llm_call", "input": {"model": "m", "messages": MESSAGES}}],
        }
    )
    with opened(f"sqlite:///{file}") as database:
        upgrade(database)
        with database.writing() as connection:
            project = projects.ensured(connection)
            traces.imported(connection, project, body, traces.prepared(project, body))
    return file


def test_a_whole_database_is_well(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong, and it says so."""
    assert main(["fsck", "--db", f"sqlite:///{file}"]) == 0
    assert capsys.readouterr().out == "All is well.\n"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("DELETE FROM steps", "trace_mine: 1 steps are counted, 0 are there"),
        ("DELETE FROM payloads", "trace_mine: 1 steps, but 0 say something"),
        ("DELETE FROM blobs", "trace_mine: a message is missing"),
        ("UPDATE blobs SET data = x'007b7d'", "is not what it was"),
        ("DELETE FROM payload_heads", "1 conversations belong to no step"),
        ("DELETE FROM traces", "1 payloads belong to no trace"),
        ("DELETE FROM msg_chain", "1 messages belong to no conversation"),
    ],
)
def test_damage_is_named(
    file: Path, capsys: pytest.CaptureFixture[str], damage: str, said: str
) -> None:
    """Whatever is missing, and where."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(damage)
        connection.commit()

    assert main(["fsck", "--db", f"sqlite:///{file}"]) == 1
    assert said in capsys.readouterr().out


def test_a_backup_is_a_database(file: Path, tmp_path: Path) -> None:
    """It is whole, and takes the place of nothing."""
    copy = tmp_path / "copy.db"

    assert main(["backup", str(copy), "--db", f"sqlite:///{file}"]) == 0
    assert main(["fsck", "--db", f"sqlite:///{copy}"]) == 0
    assert main(["backup", str(copy), "--db", f"sqlite:///{file}"]) == 2


def test_an_export_is_what_the_api_takes(
    file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Each line is a trace that may be posted."""
    assert main(["export", "--db", f"sqlite:///{file}"]) == 0

    (line,) = capfdbinary.readouterr().out.splitlines()
    assert TraceBody.model_validate_json(line).id == "trace_mine"
    assert json.loads(line)["steps"][0]["input"]["messages"] == MESSAGES


@pytest.mark.parametrize("command", ["fsck", "export"])
def test_a_database_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """A typo makes no empty file."""
    file = tmp_path / "typo.db"

    assert main([command, "--db", f"sqlite:///{file}"]) == 2
    assert "there is no such database" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "opswald.db"])
def test_other_databases_are_refused(capsys: pytest.CaptureFixture[str], url: str) -> None:
    """With an example of ours."""
    assert main(["fsck", "--db", url]) == 2
    assert "sqlite:///opswald.db" in capsys.readouterr().err
