"""The command itself: usage, errors, colours, start-up."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from pytest_opswald.cli import main


@pytest.mark.usefixtures("folder")
def test_a_missing_golden_is_a_sentence_and_exit_code_2(capsys):
    """What, where and what to do now; no traceback."""
    code = main(["show", "nowhere.json"])

    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert told.err.startswith("nowhere.json:1:1: ")
    assert "--opswald-record" in told.err


def test_a_broken_golden_names_its_line(folder, capsys):
    """The message of the error as it is."""
    (folder / "broken.json").write_text('{\n  "schema": 1,\n  oops\n}\n', encoding="utf-8")

    code = main(["diff", "broken.json", "recorded.json"])

    assert code == 2
    assert capsys.readouterr().err.startswith("broken.json:3:3: ")


@pytest.mark.parametrize(
    "argv", [[], ["shwo", "a"], ["show"], ["diff", "one"]], ids=["none", "typo", "show", "diff"]
)
def test_wrong_usage_is_exit_code_2(argv, capsys):
    """As argparse says it, without leaving the process."""
    assert main(argv) == 2
    assert "usage: pytest-opswald" in capsys.readouterr().err


def test_it_tells_its_version(capsys):
    """That of the package."""
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"pytest-opswald {version('pytest-opswald')}\n"


def test_asking_for_help_is_no_error(capsys):
    """Every command is named there, see tests/docs."""
    assert main(["--help"]) == 0
    assert "show" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_path_may_be_called_like_a_command(monkeypatch, capsys):
    """Also like one that is not installed."""
    monkeypatch.setitem(sys.modules, "pytest_opswald.cli.keys", None)

    assert main(["show", "keys"]) == 2
    assert capsys.readouterr().err.startswith("keys:1:1: ")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False), ("NOTHING", False)]
)
def test_colours_follow_the_environment(variable, coloured, monkeypatch, capsys):
    """A pipe gets none unless they are forced."""
    monkeypatch.setenv(variable, "1")

    main(["show", "recorded.json"])

    assert ("\x1b[1mtest_refund\x1b[0m" in capsys.readouterr().out) is coloured


def test_the_installed_command_runs(folder):
    """From the shell, in a stream that knows ASCII only, read by someone who leaves early."""
    script = "import sys; from pytest_opswald.cli import main; sys.exit(main())"
    command = [
        sys.executable,
        "-X",
        "utf8=0",
        "-c",
        script,
        "diff",
        "recorded.json",
        "changed.json",
    ]

    done = subprocess.run(
        command, cwd=folder, env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=False
    )

    assert done.returncode == 1
    assert done.stdout.startswith(b"x changed.json differs from recorded.json: 2 steps changed")
    assert done.stderr == b""


def test_a_reader_that_leaves_early_is_no_error(folder):
    """`show | head -1` prints one line and no traceback."""
    script = "import sys; from pytest_opswald.cli import main; sys.exit(main())"
    many = ["recorded.json"] * 200
    with subprocess.Popen(
        [sys.executable, "-c", script, "show", *many],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaints = process.stderr.read()

    assert complaints == b""


def test_help_imports_no_command_and_nothing_heavy():
    """The command starts at once; pydantic and the rest are loaded by the command that needs them."""
    script = (
        "import sys\n"
        "from pytest_opswald.cli import main\n"
        "main(['--help'])\n"
        "heavy = {'pydantic', 'deepdiff', 'httpx', 'pytest', 'syrupy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert done.stderr.decode() == ""
    assert done.returncode == 0
