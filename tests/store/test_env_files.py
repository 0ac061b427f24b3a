"""Secrets that a project keeps in files."""

from __future__ import annotations

import os
from pathlib import Path

from pytest_opswald.store.env_files import secrets_of


def test_every_env_file_of_the_folder_counts(tmp_path: Path) -> None:
    """With other values of the same name, too; templates and scripts do not."""
    (tmp_path / ".env").write_text("DB_PASSWORD=tr0ub4dor\n")
    (tmp_path / ".env.local").write_text("DB_PASSWORD=c0rrecth0rse\n")
    for name in (".env.example", ".envrc", ".environment", "prod.env"):
        (tmp_path / name).write_text("DB_PASSWORD=b4tterystaple\n")

    assert secrets_of(tmp_path) == {"tr0ub4dor": "db-password", "c0rrecth0rse": "db-password"}


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """A folder, a pipe, bytes: a run does not fail for them."""
    (tmp_path / ".env").mkdir()
    os.mkfifo(tmp_path / ".env.pipe")
    (tmp_path / ".env.bytes").write_bytes(b"\xff\xfe\nDB_PASSWORD=tr0ub4dor\n")

    assert secrets_of(tmp_path) == {"tr0ub4dor": "db-password"}


def test_nothing_is_exported(tmp_path: Path) -> None:
    """The values are known, and that is all."""
    (tmp_path / ".env").write_text("OPSWALD_TEST_PASSWORD=tr0ub4dor\n")
    before = dict(os.environ)

    secrets_of(tmp_path)

    assert dict(os.environ) == before
