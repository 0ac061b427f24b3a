"""`pytest-opswald scan`."""

from __future__ import annotations

import json
import subprocess

import pytest

from pytest_opswald.cli import main
from tests.redaction.planted import secret

KEY = secret("github")


@pytest.fixture
def goldens(tmp_path, monkeypatch):
    """A folder of goldens, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tests" / "goldens"
    folder.mkdir(parents=True)
    (folder / "clean.json").write_text('{"said": "‹redacted:github-token#1›"}\n', encoding="utf-8")
    return folder


def leak(path, **header):
    path.write_text(json.dumps({**header, "said": f"use {KEY}"}, indent=1), encoding="utf-8")


def test_clean_goldens_are_exit_code_0(goldens, capsys):
    """And nothing is said."""
    assert main(["scan"]) == 0
    assert capsys.readouterr().out == ""


def test_looking_at_nothing_is_no_clean_bill(tmp_path, monkeypatch, capsys):
    """In the wrong folder there are no secrets, nor anything else."""
    monkeypatch.chdir(tmp_path)

    assert main(["scan"]) == 2
    assert "nothing was looked at" in capsys.readouterr().err


@pytest.mark.parametrize("given", [[], ["tests"], ["tests/goldens/leaky.json"]], ids=str)
def test_a_secret_is_told_by_path_line_and_rule(given, goldens, capsys):
    """Exit code 1, and never the secret itself."""
    leak(goldens / "leaky.json")

    assert main(["scan", *given]) == 1
    assert capsys.readouterr().out == "tests/goldens/leaky.json:2:github-token\n"


def test_what_the_env_file_holds_is_known(goldens, tmp_path, capsys):
    """Whatever it looks like."""
    (tmp_path / ".env").write_text("DB_PASSWORD=tr0ub4dor\n", encoding="utf-8")
    (goldens / "leaky.json").write_text('{"said": "tr0ub4dor"}', encoding="utf-8")

    assert main(["scan"]) == 1
    assert capsys.readouterr().out == "tests/goldens/leaky.json:1:known-value\n"


def test_other_files_are_looked_at_when_they_are_named(goldens, tmp_path, capsys):
    """A folder is searched for goldens and snapshots only."""
    (tmp_path / "notes.txt").write_text(f"first\n{KEY}\n", encoding="utf-8")

    assert main(["scan", "."]) == 0
    assert main(["scan", "notes.txt"]) == 1
    assert capsys.readouterr().out == "notes.txt:2:github-token\n"


def test_a_rule_that_a_golden_has_disabled_is_silent_there(goldens):
    """Its header says so, for all to see."""
    leak(goldens / "leaky.json", redaction={"rules": 1, "disabled": ["github-token"], "count": 0})

    assert main(["scan"]) == 0


def test_values_of_this_environment_are_known(goldens, monkeypatch, capsys):
    """Whatever they look like."""
    monkeypatch.setenv("DB_PASSWORD", "tr0ub4dor")
    (goldens / "leaky.json").write_text('{"said": "it is tr0ub4dor"}', encoding="utf-8")

    assert main(["scan"]) == 1
    assert capsys.readouterr().out == "tests/goldens/leaky.json:1:known-value\n"


def test_rules_of_the_project_count(goldens, capsys):
    """Its own patterns are looked for, what it disables is not."""
    rules = "opswald_redact_patterns = ACME-\\d+\nopswald_redact_disable = github-token\n"
    (goldens.parent / "pytest.ini").write_text(f"[pytest]\n{rules}")
    leak(goldens / "leaky.json", ticket="ACME-4711")

    assert main(["scan"]) == 1
    assert capsys.readouterr().out == "tests/goldens/leaky.json:2:custom\n"


def test_staged_is_what_the_next_commit_would_hold(goldens, capsys):
    """The index counts, not the working tree."""
    leak(goldens / "leaky.json")
    subprocess.run(["git", "init", "-q"], check=True)

    assert main(["scan", "--staged"]) == 0
    subprocess.run(["git", "add", "."], check=True)
    (goldens / "leaky.json").unlink()

    assert main(["scan", "--staged"]) == 1
    assert capsys.readouterr().out == "tests/goldens/leaky.json:2:github-token\n"


def test_a_file_that_is_not_there_is_exit_code_2(goldens, capsys):
    """With a sentence."""
    assert main(["scan", "nowhere.json"]) == 2
    assert capsys.readouterr().err.startswith("nowhere.json: ")
