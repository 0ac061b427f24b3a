"""Redaction rules for commands: those of a session of pytest, without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.plugin.ini_rules import rules_for, rules_of
from pytest_opswald.redaction.rules import rules

RULES = rules(redact=["pii.email"], patterns=[r"ACME-\d+", "literal: blue  horse"], disable=["jwt"])
LINES = """
opswald_redact = pii.email
opswald_redact_patterns =
    ACME-\\d+

    literal: blue  horse
opswald_redact_disable = jwt
"""
TEXTS = """
opswald_redact = "pii.email"
opswald_redact_patterns = '''
    ACME-\\d+
    literal: blue  horse
'''
opswald_redact_disable = "jwt"
"""
LISTS = """
opswald_redact = ["pii.email"]
opswald_redact_patterns = ['ACME-\\d+', "literal: blue  horse"]
opswald_redact_disable = ["jwt"]
"""
FILES = {
    "pytest.ini": f"[pytest]{LINES}",
    ".pytest.ini": f"[pytest]{LINES}",
    "tox.ini": f"[pytest]{LINES}",
    "setup.cfg": f"[tool:pytest]{LINES}",
    "pyproject.toml": f"[tool.pytest.ini_options]{TEXTS}",
    "pyproject.toml with lists": f"[tool.pytest.ini_options]{LISTS}",
    "pyproject.toml of pytest 9": f"[tool.pytest]{LISTS}",
    "pytest.toml": f"[pytest]{LISTS}",
}
NATIVE = ("pyproject.toml of pytest 9", "pytest.toml")
NEW = pytest.mark.skipif(pytest.version_tuple < (9,), reason="native TOML came with pytest 9")
KINDS = [
    pytest.param(name.split()[0], text, id=name, marks=[NEW] if name in NATIVE else [])
    for name, text in FILES.items()
]


@pytest.fixture
def goldens(pytester: pytest.Pytester) -> Path:
    return pytester.mkdir("tests") / "goldens"


@pytest.mark.parametrize(("name", "text"), KINDS)
def test_they_are_read_as_pytest_reads_them(
    name: str, text: str, goldens: Path, pytester: pytest.Pytester
) -> None:
    """Whatever file they stand in, seen from a folder below."""
    (pytester.path / name).write_text(text)
    goldens.mkdir()

    found = rules_for(Path("tests", "goldens"))

    assert found == rules_of(pytester.parseconfig(goldens)) == RULES


def test_a_folder_that_nothing_configures_takes_the_rules_of_where_we_are(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A golden may lie anywhere: rather one rule too many."""
    (pytester.path / "pytest.ini").write_text(f"[pytest]{LINES}")

    assert rules_for(tmp_path_factory.mktemp("elsewhere")) == RULES


def test_env_files_of_the_project_are_known(goldens: Path, pytester: pytest.Pytester) -> None:
    """Those beside its configuration, and those of the working directory."""
    (pytester.path / ".env").write_text("DB_PASSWORD=tr0ub4dor\n")
    (goldens.parent / "pytest.ini").write_text("[pytest]\n")
    (goldens.parent / ".env").write_text("API_KEY=c0rrect-horse\n")

    assert {*rules_for(goldens).known} == {"tr0ub4dor", "c0rrect-horse"}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pytest.ini", "[pytest]\nopswald_redact = pii.mail\n", "no rule is called pii.mail"),
        ("pyproject.toml", "[tool.pytest", "pyproject.toml"),
        ("setup.cfg", "[pytest]\n", "change to [tool:pytest]"),
    ],
    ids=["rule", "file", "section"],
)
def test_what_cannot_be_read_is_refused(
    name: str, text: str, said: str, pytester: pytest.Pytester
) -> None:
    """Without the rules nothing may be shown."""
    (pytester.path / name).write_text(text)

    with pytest.raises(InvalidSetting) as problem:
        rules_for(Path())

    assert said in str(problem.value)
