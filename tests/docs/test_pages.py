"""What the pages show is what happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import blocks
from tests.docs.project import ROOT, Project

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


def test_every_option_is_in_the_readme():
    """The README's table names the options that `pytest --help` names, and no other."""
    help_text = subprocess.run(
        [sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, check=True
    ).stdout
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert _options_in(readme) == _options_in(help_text)


def _options_in(text: str) -> set[str]:
    words = text.replace("`", " ").replace("=", " ").replace("[", " ").split()
    return {word.strip(",.:;)") for word in words if word.startswith("--opswald-")}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"])
def test_links_lead_somewhere(page):
    """Relative links point at files that exist."""
    source = (ROOT / page).read_text(encoding="utf-8")
    targets = [part.split(")")[0].split("#")[0] for part in source.split("](")[1:]]

    missing = [t for t in targets if t and ":" not in t and not (ROOT / Path(t)).exists()]

    assert missing == []
