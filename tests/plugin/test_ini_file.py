"""Ini values for commands: those of a session of pytest, without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald.config import INI
from pytest_opswald.errors import InvalidSetting
from pytest_opswald.plugin.ini_file import ini_for, ini_of

WORDS = {
    "model": "old=new",
    "temperature": "0",
    "max_tokens": "100",
    "top_p": "0.5",
    "seed": "7",
    "prompt": "Be brief.",
    "fork_from_step": "2",
    "allow_unused": "true",
    "profile": "exact",
    "trials": "4/5",
}
LISTS = {
    "on_miss": ["fail", "look up=nearest"],
    "effects": ["look up=read", "refund=write"],
    "tools": ["agent:refund"],
    "allow_hosts": ["10.0.0.0/8", "localhost"],
}
_QUOTED = {name: " ".join(f"'{word}'" for word in words) for name, words in LISTS.items()}
PLAIN = "".join(f"opswald_{name} = {value}\n" for name, value in (WORDS | _QUOTED).items())
TOML = "".join(f"opswald_{name} = {value!r}\n" for name, value in (WORDS | LISTS).items())
NEW = pytest.mark.skipif(pytest.version_tuple < (9,), reason="native TOML came with pytest 9")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tox.ini", f"[pytest]\n{PLAIN}"),
        ("pyproject.toml", f"[tool.pytest.ini_options]\n{TOML}"),
        pytest.param("pytest.toml", f"[pytest]\n{TOML}", marks=NEW),
        ("pytest.ini", "[pytest]\n"),
    ],
    ids=["ini", "TOML", "native TOML", "nothing"],
)
def test_they_are_read_as_pytest_reads_them(
    name: str, text: str, pytester: pytest.Pytester
) -> None:
    """Each that there is, texts and lists, and none where there is none."""
    goldens = pytester.mkdir("goldens")
    (pytester.path / name).write_text(text)

    found, meant = ini_for(Path("goldens")).source, ini_of(pytester.parseconfig(goldens)).source

    assert (found.values, found.folder) == (meant.values, meant.folder)
    assert {*WORDS, *LISTS} == {*INI} == {*found.values}


def test_the_file_nearest_to_the_folder_counts(pytester: pytest.Pytester) -> None:
    """As for pytest; a file without a section for it is none."""
    goldens = pytester.mkdir("tests") / "goldens"
    goldens.mkdir()
    (pytester.path / "pytest.ini").write_text("[pytest]\nopswald_seed = 1\n")
    (goldens.parent / "tox.ini").write_text("[pytest]\nopswald_seed = 2\n")
    (goldens / "pyproject.toml").write_text("[tool.other]\n")

    assert ini_for(goldens).value("seed") == "2"


def test_what_cannot_be_read_is_refused(pytester: pytest.Pytester) -> None:
    """Rather than replayed otherwise than in a session."""
    (pytester.path / "pyproject.toml").write_text("[tool.pytest")

    with pytest.raises(InvalidSetting, match=r"pyproject\.toml"):
        ini_for(Path())
