"""`pytest-opswald keys` and `audit`, and when `serve` refuses to start."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from pytest_opswald.cli import main
from pytest_opswald.server.auth.keys import is_key
from pytest_opswald.server.database.engine import opened


@pytest.fixture
def db(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'opswald.db'}"


def _told(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    assert main(argv) == 0
    return capsys.readouterr().out


def test_a_key_is_shown_once(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On a line of its own for scripts; lists show its end, its project and its scopes."""
    key = _told(capsys, "keys", "create", "--db", db, "--name", "ci", "--project", "web").strip()
    listed = _told(capsys, "keys", "list", "--db", db)

    assert is_key(key)
    assert key not in listed
    assert f"ops_...{key[-4:]}  web: read,write  never used  for ever  ci" in listed


def test_a_key_may_end_and_may_do_more(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Days and scopes are those that were asked for."""
    _told(capsys, "keys", "create", "--db", db, "--scopes", "admin,replay", "--days", "30")

    assert re.search(
        r"default: admin,replay .* until \d{4}-", _told(capsys, "keys", "list", "--db", db)
    )


def test_a_key_is_revoked_once(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Then it stays in the list, as what it is; a second time there is nothing to revoke."""
    _told(capsys, "keys", "create", "--db", db)
    key_id = _told(capsys, "keys", "list", "--db", db).split()[0]

    _told(capsys, "keys", "revoke", key_id, "--db", db)

    assert "revoked 20" in _told(capsys, "keys", "list", "--db", db)
    assert main(["keys", "revoke", key_id, "--db", db]) == 2
    assert f"No key {key_id} is in force" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--scopes", "read,wirte"], ["--days", "0"], ["--days", "soon"], ["--scopes", ""]]
)
def test_a_wrong_wish_makes_no_key(db: str, wrong: list[str], capsys) -> None:
    """It is named instead."""
    assert main(["keys", "create", "--db", db, *wrong]) == 2
    assert wrong[1].split(",")[-1] in capsys.readouterr().err


def test_what_was_changed_is_recorded_in_a_chain(db: str, capsys) -> None:
    """Making and revoking keys; the command says that nobody touched the record."""
    _told(capsys, "keys", "create", "--db", db)
    key_id = _told(capsys, "keys", "list", "--db", db).split()[0]
    _told(capsys, "keys", "revoke", key_id, "--db", db)

    assert _told(capsys, "audit", "verify", "--db", db).startswith("2 rows, each follows")


@pytest.mark.parametrize(
    ("tampering", "row"),
    [
        pytest.param("UPDATE audit SET target = 'key_other' WHERE seq = 2", 2, id="changed"),
        pytest.param("DELETE FROM audit WHERE seq = 2", 3, id="taken out"),
        pytest.param("UPDATE audit SET seq = 9 WHERE seq = 3", 9, id="renumbered"),
        pytest.param("UPDATE audit SET project_id = 7 WHERE seq = 1", 1, id="given to another"),
    ],
)
def test_whoever_touches_the_record_is_found(db: str, tampering: str, row: int, capsys) -> None:
    """The first row that does not follow is named."""
    for _ in range(3):
        _told(capsys, "keys", "create", "--db", db)
    with opened(db) as database, database.writing() as connection:
        connection.execute(text(tampering))

    assert main(["audit", "verify", "--db", db]) == 1
    assert capsys.readouterr().out == f"row {row} does not follow from those before it\n"


@pytest.mark.parametrize(
    "reached", [["--host", "0.0.0.0"], ["--host", "::"], ["--public-url", "https://ops.example"]]
)
def test_a_server_for_others_wants_keys_first(db: str, reached: list[str], capsys) -> None:
    """It does not start; what to type is said."""
    assert main(["serve", "--db", db, *reached]) == 2
    assert f"pytest-opswald keys create --db {db}" in capsys.readouterr().err


def test_the_database_is_its_owners_alone(db: str, tmp_path: Path, capsys) -> None:
    """Secrets of webhooks and what users said are in it."""
    _told(capsys, "keys", "create", "--db", db)

    assert stat.S_IMODE((tmp_path / "opswald.db").stat().st_mode) == 0o600
