"""What `import pytest_opswald` promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import pytest_opswald
from pytest_opswald import errors


@pytest.mark.parametrize("name", pytest_opswald.__all__)
def test_promised_name_is_there(name: str) -> None:
    """Every name of `__all__` loads, and is listed by `dir`."""
    assert getattr(pytest_opswald, name) is not None
    assert name in dir(pytest_opswald)


def test_nothing_else_is_promised() -> None:
    """The table that names load from is `__all__`, sorted for readers."""
    homes = pytest_opswald._HOMES

    promised = {name for names in homes.values() for name in names} | {"__version__"}

    assert set(pytest_opswald.__all__) == promised
    assert sorted(pytest_opswald.__all__) == pytest_opswald.__all__


def test_all_errors_are_public() -> None:
    """Whatever we raise can be caught by a public name."""
    raised = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.OpswaldError)
    }

    assert raised <= set(pytest_opswald.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    """Typos fail as in any module."""
    with pytest.raises(AttributeError, match="has no attribute 'tol'"):
        _ = pytest_opswald.tol  # type: ignore[attr-defined]


def test_import_loads_nothing() -> None:
    """The package itself costs one small file."""
    script = "import sys, pytest_opswald; print([m for m in sys.modules if 'opswald' in m])"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "['pytest_opswald']"


RIGHT = """
from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import pytest_opswald as opswald

@opswald.tool
def find(order: int, *, note: str = "") -> str:
    return note

@opswald.tool(name="find_order")
async def find_later(order: int) -> str:
    return ""

@opswald.tool
def lines(order: int) -> Iterator[int]:
    yield order

@opswald.tool
async def lines_later(order: int) -> AsyncIterator[int]:
    yield order

class Desk:
    @opswald.tool
    def find(self, order: int) -> str:
        return ""

    @staticmethod
    @opswald.tool
    def close(order: int) -> None: ...

    @classmethod
    @opswald.tool
    def escalate(cls, order: int) -> bytes:
        return b""

assert_type(find(1, note=""), str)
assert_type(lines(1), Iterator[int])
assert_type(Desk().find(1), str)
assert_type(Desk.escalate(1), bytes)

async def agent() -> None:
    assert_type(await find_later(1), str)
    async for line in lines_later(1):
        assert_type(line, int)

opswald.decision("route", "refund", options=["refund", "reject"])
opswald.watch(opswald, "tool").undo()
"""


WRONG = """
import pytest_opswald as opswald

@opswald.tool
def find(order: int) -> str:
    return ""

find("1")
find()
opswald.tol
"""


@pytest.mark.parametrize(
    ("script", "complaints"),
    [
        (RIGHT, []),
        (WRONG, ['Argument 1 to "find"', 'Missing positional argument "order"', '"tol"']),
    ],
    ids=["right", "wrong"],
)
def test_declaration_keeps_the_type(tmp_path: Path, script: str, complaints: list[str]) -> None:
    """A type checker sees the function itself through `@tool`, and every public name."""
    mypy = pytest.importorskip("mypy.api")
    source = tmp_path / "agent.py"
    source.write_text(script)

    told, _, _ = mypy.run(["--strict", "--no-error-summary", str(source)])

    found = [line for line in told.splitlines() if line.startswith(str(source))]
    assert len(found) == len(complaints), told
    assert all(complaint in line for complaint, line in zip(complaints, found, strict=True))
