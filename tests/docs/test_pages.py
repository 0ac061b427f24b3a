"""What the pages show is what happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import blocks
from tests.docs.project import ROOT, Project

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/*/README.md")]
EXAMPLES = sorted((ROOT / "examples").glob("*/README.md"))


def test_readme(tmp_path):
    """The README's commands print what it says, in a project that has no golden yet."""
    project = Project(tmp_path, "quickstart")
    for golden in project.folder.glob("goldens/*"):
        golden.unlink()

    project.follow(blocks(ROOT / "README.md"))


@pytest.mark.parametrize("page", [ROOT / "README.md", *EXAMPLES], ids=lambda page: page.parent.name)
def test_every_fence_is_a_block(page):
    """No block of a page is passed over."""
    fences = page.read_text(encoding="utf-8").count("```")

    assert len(list(blocks(page))) == fences / 2 > 0


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.parent.name)
def test_example_page(tmp_path, page):
    """An example's commands print what its page says."""
    project = Project(tmp_path, page.parent.name)

    project.follow(blocks(page))


def test_settings_page_names_every_setting():
    """The page on settings names the options and ini values of `pytest --help`, and no other."""
    page, told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), _help()
    own_ini_values = re.findall(
        r"^ +(opswald_\w+) \(\w+\):\s+(?!\s|.*[Ll]ike --)", told, re.MULTILINE
    )

    assert _options_in(page) == _options_in(told)
    assert set(re.findall(r"--opswald-record=\w+", page)) == set(_ways_to_record(told))
    assert set(re.findall(r"^\| `(opswald_\w+)`", page, re.MULTILINE)) == set(own_ini_values)


def test_readme_names_options_that_exist():
    """The README may leave options out, and invents none."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert _options_in(readme) <= _options_in(_help())


def test_settings_page_names_every_command():
    """The page on settings names the subcommands of `pytest-opswald`, and no other."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    command = [Path(sys.executable).with_name("pytest-opswald"), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    named = re.findall(r"^\| `pytest-opswald (\w+)", page, re.MULTILINE)

    assert named == re.findall(r"^ {4}(\w+)", told, re.MULTILINE)


def _help() -> str:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--help"],
        env=os.environ | {"COLUMNS": "250"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _ways_to_record(told: str) -> list[str]:
    return re.findall(r"^ +(--opswald-record=\w+)", told, re.MULTILINE)


def _options_in(text: str) -> set[str]:
    return set(re.findall(r"--opswald-[a-z-]+", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    """Relative links point at files that exist."""
    source = page.read_text(encoding="utf-8")
    targets = [part.split(")")[0].split("#")[0] for part in source.split("](")[1:]]

    missing = [t for t in targets if t and ":" not in t and not page.parent.joinpath(t).exists()]

    assert missing == []
