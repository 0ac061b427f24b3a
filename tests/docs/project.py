"""A copy of the examples in which the commands of a page are run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from configparser import ConfigParser
from pathlib import Path

from local_provider import Provider
from models import MODELS
from tests.docs.markdown import Block, Command, commands
from tests.language import WITHOUT_THEM

ROOT = Path(__file__).parents[2]
OURS = re.compile(r"CI$|PYTEST_|OPSWALD_|OPENAI_|ANTHROPIC_|COLUMNS$|NO_COLOR$|FORCE_COLOR$")


class Project:
    """An example's folder, its model served on this machine while commands run."""

    def __init__(self, folder: Path, model: str) -> None:
        shutil.copytree(
            ROOT / "examples",
            folder / "examples",
            ignore=shutil.ignore_patterns("__pycache__", ".*cache", ".opswald"),
        )
        self.folder = folder / "examples" / model
        self.variables: dict[str, str] = {}
        """Of the environment of its commands, besides the usual ones."""
        self._model = MODELS[model]

    def follow(self, page: Iterable[Block]) -> None:
        """Do what the page does, block by block; raises AssertionError naming the line."""
        for block in page:
            match block.language:
                case "console":
                    self._run_all(block)
                case "json" if block.title:
                    self._shows(block)
                case _ if block.title:
                    (self.folder / block.title).write_text(block.text, encoding="utf-8")
                case "python":
                    self._execute(block)
                case language:
                    READERS[language](block.text)

    def _run_all(self, block: Block) -> None:
        for command in commands(block):
            if command.line.startswith(("make ", "git ", "pip ")):
                _exists(block, command)
            else:
                self.prints(block, command)

    def prints(self, block: Block, command: Command) -> None:
        """Run the command; raises AssertionError when it does not print what it is said to."""
        output = self._output_of(shlex.split(command.line))
        rest = iter(_comparable(output))
        for line in _comparable("\n".join(command.prints)):
            assert line in rest, f"{block}: $ {command.line}\nnot printed: {line}\n\n{output}"

    def _output_of(self, command: list[str]) -> str:
        with Provider(self._model) as provider:
            return subprocess.run(
                [str(Path(sys.executable).with_name(command[0])), *command[1:]],
                cwd=self.folder,
                env=_neutral() | provider.variables | self.variables,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            ).stdout

    def _shows(self, block: Block) -> None:
        rest = iter((self.folder / str(block.title)).read_text(encoding="utf-8").splitlines())
        for line in block.text.splitlines():
            assert line == "…" or line in rest, f"{block}: not in {block.title}: {line}"

    def _execute(self, block: Block) -> None:
        subprocess.run([sys.executable, "-c", block.text], cwd=self.folder, check=True)


def _neutral() -> dict[str, str]:
    """Our environment without what changes a run or how it is drawn."""
    kept = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    return kept | {"COLUMNS": "100", "PYTEST_ADDOPTS": " ".join(WITHOUT_THEM)}


def _comparable(text: str) -> list[str]:
    """Lines with anything to read, without durations and the width of rules."""
    lines = (re.sub(r"\b[\d.,]+ ?(m?s)\b", r"0 \1", line.rstrip()) for line in text.splitlines())
    return [re.sub(r"([=_-])\1{3,}", r"\1\1\1", line) for line in lines if line]


def _exists(block: Block, command: Command) -> None:
    """Set-up commands are not run; what they name must be there."""
    match shlex.split(command.line):
        case ["make", *targets]:
            makefile = (ROOT / "Makefile").read_text()
            missing = [target for target in targets if f"\n{target}:" not in makefile]
            assert not missing, f"{block}: no such target: {missing}"
        case ["pip", "install", *packages]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
            assert project["name"] in packages, f"{block}: {packages}"


def _read_ini(text: str) -> None:
    ConfigParser().read_string(text)


READERS = {"json": json.loads, "toml": tomllib.loads, "ini": _read_ini, "text": str}
"""What checks a block that is neither run nor a file; another language is an error."""
